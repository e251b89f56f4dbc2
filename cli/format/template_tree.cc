#include "cli/format/template_tree.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace orch::cli::tmpl {
namespace {

struct Broken {
  std::string why;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

const std::set<std::string> functions = {"and", "eq", "ge",  "gt", "index", "le",     "len",
                                         "lt",  "ne", "not", "or", "print", "printf", "println"};

/// One action's words.
class Reader {
 public:
  Reader(std::string_view text, int line) : text_(text), line_(line) {}

  [[noreturn]] void fail(const std::string& why) const {
    throw Broken{"template: " + std::to_string(line_) + ": " + why};
  }

  void skip() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  bool over() {
    skip();
    return at_ >= text_.size();
  }
  bool take(std::string_view what) {
    skip();
    if (!text_.substr(at_).starts_with(what)) return false;
    at_ += what.size();
    return true;
  }
  /// A word of letters at this place, without taking it.
  std::string word() {
    skip();
    std::size_t end = at_;
    while (end < text_.size() && is_word(text_[end])) ++end;
    return std::string(text_.substr(at_, end - at_));
  }
  bool take_word(std::string_view what) {
    if (word() != what) return false;
    at_ += what.size();
    return true;
  }

  Pipeline pipeline(int depth = 0) {
    if (depth > 32) fail("nested too deep");
    Pipeline made;
    const std::size_t start = at_;
    while (over() == false && text_[at_] == '$') {
      std::string name = variable();
      made.variables.push_back(std::move(name));
      if (take(",")) continue;
      break;
    }
    if (made.variables.empty() || !(take(":=") || (!take("==") && take("=")))) {
      at_ = start;
      made.variables.clear();
    }
    do {
      made.commands.push_back(command(depth));
    } while (take("|"));
    return made;
  }

 private:
  std::string variable() {
    std::string name = "$";
    ++at_;
    while (at_ < text_.size() && is_word(text_[at_])) name += text_[at_++];
    return name;
  }

  Command command(int depth) {
    Command made;
    const std::string first = word();
    if (functions.contains(first)) {
      made.function = first;
      at_ += first.size();
    }
    while (!over() && text_[at_] != '|' && text_[at_] != ')') made.operands.push_back(operand(depth));
    if (made.function.empty() && made.operands.empty()) fail("missing value for command");
    if (made.function.empty() && made.operands.size() > 1)
      fail("can't give an argument to something that is no function");
    return made;
  }

  Operand operand(int depth) {
    const char c = text_[at_];
    if (c == '"' || c == '`') return text(c);
    if (c == '-' || (c >= '0' && c <= '9')) return number();
    if (c == '.' || c == '$') return path(Path{.variable = c == '$' ? variable() : std::string()});
    if (c == '(') {
      ++at_;
      Path made{.of = std::make_shared<Pipeline>(pipeline(depth + 1))};
      if (!take(")")) fail("unclosed parenthesis");
      return path(std::move(made));
    }
    const std::string name = word();
    if (name.empty()) fail("unexpected \"" + std::string(1, c) + "\" in operand");
    at_ += name.size();
    if (name == "true" || name == "false") return name == "true";
    if (name == "nil") return Nil{};
    if (functions.contains(name)) {  // a function without arguments, as an argument
      Pipeline call;
      call.commands.push_back({.function = name});
      return Path{.of = std::make_shared<Pipeline>(std::move(call))};
    }
    fail("function \"" + name + "\" not defined");
  }

  Path path(Path made) {
    if (at_ < text_.size() && text_[at_] == '.' && (at_ + 1 >= text_.size() || !is_word(text_[at_ + 1]))) {
      ++at_;  // the dot alone
      return made;
    }
    while (at_ + 1 < text_.size() && text_[at_] == '.' && is_word(text_[at_ + 1])) {
      ++at_;
      std::string field = word();
      at_ += field.size();
      made.fields.push_back(std::move(field));
    }
    return made;
  }

  std::string text(char quote) {
    std::string out;
    ++at_;
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      char c = text_[at_];
      if (c == '\\' && quote == '"' && at_ + 1 < text_.size()) {
        c = text_[++at_];
        c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
      }
      out += c;
    }
    if (at_ >= text_.size()) fail("unterminated quoted string");
    ++at_;
    return out;
  }

  Number number() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && (is_word(text_[end]) || text_[end] == '.')) ++end;
    Number made{.value = 0, .text = std::string(text_.substr(at_, end - at_))};
    const auto [last, error] = std::from_chars(made.text.data(), made.text.data() + made.text.size(), made.value);
    if (error != std::errc() || last != made.text.data() + made.text.size())
      fail("bad number syntax: \"" + made.text + "\"");
    at_ = end;
    return made;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Nodes whole() {
    Nodes nodes = list(0);
    if (!ended_with_.empty()) fail("unexpected {{" + ended_with_ + "}}");
    return nodes;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw Broken{"template: " + std::to_string(line_) + ": " + why};
  }

  // Up to the {{end}} or {{else}} that closes the list (ended_with_), or the end of the text.
  Nodes list(int depth) {
    if (depth > 32) fail("nested too deep");
    Nodes nodes;
    ended_with_.clear();
    while (at_ < text_.size()) {
      const std::size_t open = std::min(text_.find("{{", at_), text_.size());
      std::string_view plain = text_.substr(at_, open - at_);
      line_ += static_cast<int>(std::count(plain.begin(), plain.end(), '\n'));
      const bool trims = text_.substr(open).starts_with("{{- ");
      if (trim_next_) plain.remove_prefix(std::min(plain.find_first_not_of(" \t\r\n"), plain.size()));
      if (trims) {
        const std::size_t last = plain.find_last_not_of(" \t\r\n");
        plain = plain.substr(0, last == std::string_view::npos ? 0 : last + 1);
      }
      trim_next_ = false;
      if (!plain.empty()) nodes.push_back({.text = std::string(plain)});
      if (open >= text_.size()) {
        at_ = open;
        break;
      }
      const std::string_view action = next_action(open + (trims ? 3 : 2));
      if (action.starts_with("/*")) continue;
      Reader reader(action, line_);
      if (reader.take_word("end") || reader.word() == "else") {
        ended_with_ = std::string(action);
        return nodes;
      }
      nodes.push_back(node(reader, depth));
    }
    return nodes;
  }

  std::string_view next_action(std::size_t begin) {
    std::size_t end = begin;
    char quote = 0;
    const bool comment = text_.substr(begin).starts_with("/*");
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      if (quote != 0) {
        if (c == '\\' && quote == '"') ++end;
        else if (c == quote) quote = 0;
      } else if (!comment && (c == '"' || c == '`')) {
        quote = c;
      } else if (text_.substr(end).starts_with("}}")) {
        break;
      }
    }
    if (end >= text_.size()) fail("unclosed action");
    std::string_view action = text_.substr(begin, end - begin);
    at_ = end + 2;
    if (action.ends_with(" -")) {
      trim_next_ = true;
      action.remove_suffix(2);
    }
    while (!action.empty() && is_space(action.front())) action.remove_prefix(1);
    while (!action.empty() && is_space(action.back())) action.remove_suffix(1);
    return action;
  }

  Node node(Reader& reader, int depth) {
    Node made{.kind = Node::Kind::print};
    if (reader.take_word("if")) made.kind = Node::Kind::if_;
    else if (reader.take_word("range")) made.kind = Node::Kind::range;
    else if (reader.take_word("with")) made.kind = Node::Kind::with;
    made.pipeline = reader.pipeline();
    if (!reader.over()) reader.fail("unexpected words after the value");
    if (made.kind == Node::Kind::print) {
      if (!made.pipeline.variables.empty()) made.kind = Node::Kind::set;
      return made;
    }
    made.body = list(depth + 1);
    if (ended_with_.starts_with("else")) {
      Reader rest(std::string_view(ended_with_).substr(4), line_);
      const std::string keep = ended_with_;
      if (rest.over()) {
        made.otherwise = list(depth + 1);
      } else {  // {{else if …}} shares the {{end}} of its {{if}}
        Reader nested(std::string_view(keep).substr(4), line_);
        made.otherwise.push_back(node(nested, depth + 1));
        ended_with_ = "end";
      }
    }
    if (!ended_with_.starts_with("end")) fail("unexpected EOF: an {{if}}, {{range}} or {{with}} has no {{end}}");
    ended_with_.clear();
    return made;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool trim_next_ = false;
  std::string ended_with_;
};

}  // namespace

std::expected<Nodes, std::string> parse(std::string_view text) {
  try {
    return Parser(text).whole();
  } catch (const Broken& broken) {
    return std::unexpected(broken.why);
  }
}

}  // namespace orch::cli::tmpl
