// A job file as a tree, before anyone asks what its words mean: the same for HCL of both generations and for JSON.
//
// A block `group "web" { … }` and an attribute `group = { … }` are both items; the one has labels. JSON is read by the
// same grammar, since an object is a block body with `:` for `=` and commas between.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/limits.h"
#include "core/jobspec/diagnostic.h"

namespace orch::syntax {

struct Item;

struct Number {
  std::string text;
};
using Object = std::vector<Item>;

struct Node {
  Position at;
  std::variant<std::monostate, bool, Number, std::string, std::vector<Node>, Object> value;

  const Object* object() const { return std::get_if<Object>(&value); }
  const std::vector<Node>* list() const { return std::get_if<std::vector<Node>>(&value); }
  const std::string* text() const { return std::get_if<std::string>(&value); }
  /// "a list", "text", … for messages.
  const char* kind() const;
};

struct Label {
  Position at;
  std::string text;
};

struct Item {
  Position at;
  std::string key;
  std::vector<Label> labels;
  bool block = false;
  Node value;
};

inline constexpr int deepest = static_cast<int>(deepest_document);

/// The items of a whole file. Stops at the first error.
std::expected<Object, Diagnostic> parse(std::string_view text, std::string_view file);

/// The line of that number, from 1, without its end; of a long one its beginning.
std::string line_of(std::string_view text, int line);

}  // namespace orch::syntax
