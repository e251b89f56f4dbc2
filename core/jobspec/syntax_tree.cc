#include "core/jobspec/syntax_tree.h"

#include <utility>

#include "core/base/assert.h"
#include "core/jobspec/scanner.h"

namespace orch::syntax {
namespace {

constexpr std::size_t most_labels = 4;

class Parser : Scanner {
 public:
  Parser(std::string_view text, std::string_view file) : Scanner(text, file) {}

  std::expected<Object, Diagnostic> whole() {
    Object items;
    if (!skip()) return std::unexpected(error());
    if (peek() == '{') {
      set_json();
      Node root;
      if (!value(root, 0) || !skip()) return std::unexpected(error());
      if (!at_end()) return fail("expected the end of the file after the closing '}'"), std::unexpected(error());
      return std::move(std::get<Object>(root.value));
    }
    if (!body(items, 0, '\0')) return std::unexpected(error());
    ORCH_ASSERT(open_.empty(), "what was opened is closed");
    return items;
  }

 private:
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
    if (c == '<' && peek(1) == '<') {
      std::string out;
      if (!heredoc(out)) return false;
      node.value = std::move(out);
      return true;
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
      Number out;
      if (!number(out.text)) return false;
      node.value = std::move(out);
      return true;
    }
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
    ORCH_ASSERT(peek() == '[', "a list begins with its bracket");
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

  std::vector<const Item*> open_;  // what is being read, the innermost last
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
