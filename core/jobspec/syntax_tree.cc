#include "core/jobspec/syntax_tree.h"

#include <cctype>
#include <charconv>
#include <cmath>

namespace orch::syntax {
namespace {

bool is_word_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_word(char c) { return is_word_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

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

constexpr std::size_t most_labels = 4;

class Parser {
 public:
  Parser(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  std::expected<Object, Diagnostic> whole() {
    Object items;
    if (text_.starts_with("\xef\xbb\xbf")) at_ = line_start_ = 3;
    if (!skip()) return std::unexpected(error_);
    if (peek() == '{') {
      json_ = true;
      Node root;
      if (!value(root, 0) || !skip()) return std::unexpected(error_);
      if (!at_end()) return fail("expected the end of the file after the closing '}'"), std::unexpected(error_);
      return std::move(std::get<Object>(root.value));
    }
    if (!body(items, 0, '\0')) return std::unexpected(error_);
    return items;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void advance() {
    if (text_[at_] == '\n') {
      ++line_;
      line_start_ = at_ + 1;
    }
    ++at_;
  }
  Position position() const { return {line_, static_cast<int>(at_ - line_start_) + 1}; }

  void fail(std::string message, std::string hint = {}) { fail_at(position(), std::move(message), std::move(hint)); }
  void fail_at(Position at, std::string message, std::string hint = {}) {
    error_ = {std::string(file_), at, std::move(message), std::move(hint), line_of(text_, at.line), true};
  }

  std::string found() const {
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

  // What stands here, as Nomad's language library calls it.
  const char* token() const {
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

  // Space, line ends and comments. False: a comment has no end.
  bool skip() {
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

  bool body(Object& items, int depth, char end) {
    if (depth > deepest) return fail("nested deeper than " + std::to_string(deepest) + " levels"), false;
    while (true) {
      if (!skip()) return false;
      if (at_end()) {
        if (end == '\0') return true;
        const std::string inner = open_.empty() ? ""
                                                : ": the innermost is '" + open_.back()->key + "' of line " +
                                                      std::to_string(open_.back()->at.line);
        return fail("object expected closing RBRACE got: EOF", "a block that was opened is not closed" + inner), false;
      }
      if (peek() == end) return advance(), true;
      if (peek() == ',' || peek() == ';') {
        advance();
        continue;
      }
      Item item{.at = position()};
      if (!key(item.key)) return false;
      open_.push_back(&item);
      if (!rest_of_item(item, depth)) return false;
      open_.pop_back();
      items.push_back(std::move(item));
    }
  }

  bool key(std::string& out) {
    if (peek() == '"') return quoted(out);
    if (!is_word_start(peek())) return fail("expected a name, found " + found()), false;
    while (is_word(peek())) {
      out += peek();
      advance();
    }
    return true;
  }

  bool rest_of_item(Item& item, int depth) {
    while (true) {
      if (!skip()) return false;
      if (item.labels.size() > most_labels) return fail("'" + item.key + "' has too many labels"), false;
      if (peek() == '=' || peek() == ':') {
        if (!item.labels.empty()) return fail("a block with a label takes no '='"), false;
        advance();
        if (!skip()) return false;
        return value(item.value, depth + 1);
      }
      if (peek() == '{') {
        item.block = true;
        item.value.at = position();
        advance();
        Object items;
        if (!body(items, depth + 1, '}')) return false;
        item.value.value = std::move(items);
        return true;
      }
      if (peek() == '"') {
        Label label{.at = position()};
        if (!quoted(label.text)) return false;
        item.labels.push_back(std::move(label));
        continue;
      }
      if (is_word_start(peek()) && is_bare_label()) {
        Label label{.at = position()};
        if (!key(label.text)) return false;
        item.labels.push_back(std::move(label));
        continue;
      }
      fail("key '" + item.key + "' expected start of object ('{') or assignment ('=')", "found " + found());
      return false;
    }
  }

  // A label without quotes stands on one line with the '{' of its block; a word elsewhere is something else's.
  bool is_bare_label() const {
    std::size_t i = at_;
    while (i < text_.size() && (is_word(text_[i]) || text_[i] == ' ' || text_[i] == '\t')) ++i;
    return i < text_.size() && (text_[i] == '{' || text_[i] == '"');
  }

  bool value(Node& node, int depth) {
    if (depth > deepest) return fail("nested deeper than " + std::to_string(deepest) + " levels"), false;
    node.at = position();
    const char c = peek();
    if (c == '"') {
      std::string out;
      if (!quoted(out)) return false;
      node.value = std::move(out);
      return true;
    }
    if (c == '{') {
      advance();
      Object items;
      if (!body(items, depth + 1, '}')) return false;
      node.value = std::move(items);
      return true;
    }
    if (c == '[') return list(node, depth);
    if (c == '<' && peek(1) == '<') return heredoc(node);
    if (c == '-' || (c >= '0' && c <= '9')) return number(node);
    if (is_word_start(c)) {
      const Position at = position();
      std::string word;
      while (is_word(peek()) || peek() == '[' || peek() == ']') {
        if (peek() == ']') break;
        word += peek();
        advance();
      }
      if (word == "true" || word == "false") {
        node.value = word == "true";
        return true;
      }
      if (word == "null") return true;
      const bool call = peek() == '(';
      fail_at(at,
              call ? "the function " + word + "(…) is not supported" : "the expression '" + word + "' is not supported",
              call || word.starts_with("var.") || word.starts_with("local.")
                  ? "write the value itself: functions and variables are not supported yet"
                  : "text stands in quotes: \"" + word + "\"");
      return false;
    }
    return fail("expected a value, found " + found()), false;
  }

  bool list(Node& node, int depth) {
    advance();
    std::vector<Node> items;
    if (!skip()) return false;
    while (peek() != ']') {
      if (at_end())
        return fail("error parsing list, expected comma or list end, got: EOF",
                    "the list is not closed: a ']' is missing"),
               false;
      Node item;
      if (!value(item, depth + 1)) return false;
      items.push_back(std::move(item));
      if (!skip()) return false;
      if (peek() == ',') {
        advance();
        if (!skip()) return false;
      } else if (peek() != ']') {
        return fail(std::string("error parsing list, expected comma or list end, got: ") + token(),
                    "separate the values by ',' and end the list with ']'"),
               false;
      }
    }
    advance();
    node.value = std::move(items);
    return true;
  }

  bool number(Node& node) {
    const Position at = position();
    std::string out;
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
    node.value = Number{std::move(out)};
    return true;
  }

  // The four digits of \u; ends on the last of them.
  bool hexadecimal(unsigned& code) {
    for (int i = 0; i < 4; ++i) {
      advance();
      const char d = peek();
      if (std::isxdigit(static_cast<unsigned char>(d)) == 0) return fail("\\u takes four hexadecimal digits"), false;
      code = code * 16 + static_cast<unsigned>(d <= '9' ? d - '0' : (d | 0x20) - 'a' + 10);
    }
    return true;
  }

  // "${…}" is kept as it stands, with whatever quotes it holds (in HCL: JSON has its own escapes for them).
  bool quoted(std::string& out) {
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

  bool heredoc(Node& node) {
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
    std::string out;
    for (const std::string& line : lines) {
      out += strip && margin != std::string::npos ? line.substr(std::min(margin, line.size())) : line;
      out += '\n';
    }
    node.value = std::move(out);
    return true;
  }

  std::string_view text_, file_;
  std::size_t at_ = 0, line_start_ = 0;
  int line_ = 1;
  bool json_ = false;
  std::vector<const Item*> open_;  // what is being read, the innermost last
  Diagnostic error_;
};

}  // namespace

const char* Node::kind() const {
  switch (value.index()) {
    case 0: return "null";
    case 1: return "a truth value";
    case 2: return "a number";
    case 3: return "text";
    case 4: return "a list";
    default: return "a block";
  }
}

std::string line_of(std::string_view text, int line) {
  std::size_t begin = 0;
  for (int i = 1; i < line; ++i) {
    begin = text.find('\n', begin);
    if (begin == std::string_view::npos) return {};
    ++begin;
  }
  std::string_view rest = text.substr(begin);
  rest = rest.substr(0, rest.find('\n'));
  if (!rest.empty() && rest.back() == '\r') rest.remove_suffix(1);
  return std::string(rest.substr(0, 200));
}

std::expected<Object, Diagnostic> parse(std::string_view text, std::string_view file) {
  return Parser(text, file).whole();
}

}  // namespace orch::syntax
