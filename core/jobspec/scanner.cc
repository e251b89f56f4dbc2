#include "core/jobspec/scanner.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "core/jobspec/syntax_tree.h"

namespace orch::syntax {
namespace {

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code >= 0x10000) {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

}  // namespace

Scanner::Scanner(std::string_view text, std::string_view file) : text_(text), file_(file) {
  if (text_.starts_with("\xef\xbb\xbf")) at_ = line_start_ = 3;
}

void Scanner::fail(std::string message, std::string hint) { fail_at(position(), std::move(message), std::move(hint)); }
void Scanner::fail_at(Position at, std::string message, std::string hint) {
  error_ = {std::string(file_), at, std::move(message), std::move(hint), line_of(text_, at.line), true};
}

std::string Scanner::found() const {
  if (at_end()) return "the end of the file";
  if (is_word_start(peek())) {
    std::size_t end = at_;
    while (end < text_.size() && is_word(text_[end])) ++end;
    return "'" + std::string(text_.substr(at_, std::min<std::size_t>(end - at_, 40))) + "'";
  }
  if (static_cast<unsigned char>(peek()) < 0x20) return "a control character";
  std::size_t end = at_ + 1;
  while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xc0) == 0x80) ++end;
  return "'" + std::string(text_.substr(at_, end - at_)) + "'";
}

const char* Scanner::token() const {
  if (at_end()) return "EOF";
  switch (const char c = peek(); c) {
    case '"': return "STRING";
    case '{': return "LBRACE";
    case '}': return "RBRACE";
    case '[': return "LBRACK";
    case ']': return "RBRACK";
    case ',': return "COMMA";
    case '=': return "ASSIGN";
    case '<': return "HEREDOC";
    case '.': return "PERIOD";
    case '-': return "SUB";
    case '+': return "ADD";
    default: return c >= '0' && c <= '9' ? "NUMBER" : is_word_start(c) ? "IDENT" : "ILLEGAL";
  }
}

bool Scanner::is_bare_label() const {
  std::size_t i = at_;
  while (i < text_.size() && (is_word(text_[i]) || text_[i] == ' ' || text_[i] == '\t')) ++i;
  return i < text_.size() && (text_[i] == '{' || text_[i] == '"');
}

bool Scanner::skip() {
  while (!at_end()) {
    const char c = peek();
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      advance();
    } else if (c == '#' || (c == '/' && peek(1) == '/')) {
      while (!at_end() && peek() != '\n') advance();
    } else if (c == '/' && peek(1) == '*') {
      const Position start = position();
      advance();
      advance();
      while (!at_end() && !(peek() == '*' && peek(1) == '/')) advance();
      if (at_end()) return fail_at(start, "the comment that begins here is not closed", "end it with */"), false;
      advance();
      advance();
    } else {
      break;
    }
  }
  return true;
}

bool Scanner::key(std::string& out) {
  if (peek() == '"') return quoted(out);
  if (!is_word_start(peek())) return fail("expected a name, found " + found()), false;
  while (is_word(peek())) {
    out += peek();
    advance();
  }
  return true;
}

bool Scanner::number(std::string& out) {
  ORCH_ASSERT(peek() == '-' || (peek() >= '0' && peek() <= '9'), "a number begins with a digit or its sign");
  const Position at = position();
    while (is_word(peek()) || peek() == '+' || peek() == '-') {
    out += peek();
    advance();
  }
  double parsed = 0;
  const auto [end, error] = std::from_chars(out.data(), out.data() + out.size(), parsed);
  const bool good = error == std::errc() && end == out.data() + out.size() && std::isfinite(parsed);
  if (!good) {
    const bool number_like = out.find_first_not_of("0123456789.+-eE") == std::string::npos;
    fail_at(at, "'" + out.substr(0, 40) + "' is no number",
            number_like ? "" : "durations and other text stand in quotes: \"" + out.substr(0, 40) + "\"");
    return false;
  }
  return true;
}

// The four digits of \u; ends on the last of them.
bool Scanner::hexadecimal(unsigned& code) {
  for (int i = 0; i < 4; ++i) {
    advance();
    const char d = peek();
    if (std::isxdigit(static_cast<unsigned char>(d)) == 0) return fail("\\u takes four hexadecimal digits"), false;
    code = code * 16 + static_cast<unsigned>(d <= '9' ? d - '0' : (d | 0x20) - 'a' + 10);
  }
  return true;
}

bool Scanner::quoted(std::string& out) {
  ORCH_ASSERT(peek() == '"', "a text begins with its quote");
  const Position start = position();
  advance();
  int braces = 0;
  while (true) {
    if (at_end() || (peek() == '\n' && braces == 0)) {
      fail_at(start, "the text that begins here is not closed",
              "end it with '\"'; text of several lines stands in a heredoc");
      return false;
    }
    const char c = peek();
    if (braces == 0 && c == '"') return advance(), true;
    if (!json_ && braces == 0 && (c == '$' || c == '%') && peek(1) == c && peek(2) == '{') {
      // How today's syntax writes a "${" that is no expression.
      advance();
      out += peek();
      advance();
      out += peek();
      advance();
      continue;
    }
    if (!json_ && c == '$' && peek(1) == '{') {
      out += "${";
      advance();
      advance();
      ++braces;
      continue;
    }
    if (braces != 0 && c == '{') ++braces;
    if (braces != 0 && c == '}') --braces;
    if (c != '\\' || braces != 0) {
      out += c;
      advance();
      continue;
    }
    advance();
    const char escaped = peek();
    switch (escaped) {
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case 'r': out += '\r'; break;
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case '"':
      case '\\':
      case '/': out += escaped; break;
      case 'u': {
        unsigned code = 0, low = 0;
        if (!hexadecimal(code)) return false;
        if (code >= 0xd800 && code < 0xdc00 && peek(1) == '\\' && peek(2) == 'u') {
          advance();
          advance();
          if (!hexadecimal(low)) return false;
          if (low >= 0xdc00 && low < 0xe000) code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        if (code >= 0xd800 && code < 0xe000) return fail("half of a surrogate pair is no character"), false;
        if (code == 0) return fail("a NUL byte is not allowed"), false;
        append_utf8(out, code);
        break;
      }
      default:
        return fail("unknown escape '\\" + std::string(1, escaped) + "'", "write '\\\\' for a backslash"), false;
    }
    advance();
  }
}

bool Scanner::heredoc(std::string& out) {
  ORCH_ASSERT(peek() == '<' && peek(1) == '<', "a heredoc begins with <<");
  const Position start = position();
  advance();
  advance();
  const bool strip = peek() == '-';
  if (strip) advance();
  std::string mark;
  while (is_word(peek())) {
    mark += peek();
    advance();
  }
  while (peek() == ' ' || peek() == '\r') advance();
  if (mark.empty() || peek() != '\n') return fail_at(start, "a heredoc begins with <<WORD and a line end"), false;
  advance();
  std::vector<std::string> lines;
  while (true) {
    if (at_end()) return fail_at(start, "the heredoc that begins here has no line with its end mark " + mark), false;
    std::string line;
    while (!at_end() && peek() != '\n') {
      line += peek();
      advance();
    }
    std::string_view trimmed = line;
    while (!trimmed.empty() && (trimmed.front() == ' ' || trimmed.front() == '\t')) trimmed.remove_prefix(1);
    while (!trimmed.empty() && trimmed.back() == '\r') trimmed.remove_suffix(1);
    if (trimmed == mark) break;
    if (!at_end()) advance();
    lines.push_back(std::move(line));
  }
  std::size_t margin = std::string::npos;
  for (const std::string& line : lines) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first != std::string::npos) margin = std::min(margin, first);
  }
  for (const std::string& line : lines) {
    out += strip && margin != std::string::npos ? line.substr(std::min(margin, line.size())) : line;
    out += '\n';
  }
  return true;
}

}  // namespace orch::syntax
