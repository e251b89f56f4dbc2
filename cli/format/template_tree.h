// A template in the language of Go's text/template, read into a tree: what the option -t takes.
//
// Read are actions with pipelines, if, range, with, else, end, variables, comments, trim marks and parentheses; not
// read are define, template, block and break.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace orch::cli::tmpl {

struct Pipeline;

struct Number {
  double value;
  std::string text;
};
/// ".A.B" of the dot, "$x.A.B" of a variable, "(…).A" of a pipeline's value.
struct Path {
  std::string variable;  ///< empty: the dot; "$": the whole document
  std::shared_ptr<Pipeline> of;
  std::vector<std::string> fields;
};
struct Nil {};
using Operand = std::variant<Nil, bool, Number, std::string, Path>;

/// A function with its arguments, or one operand.
struct Command {
  std::string function;
  std::vector<Operand> operands;
};
struct Pipeline {
  std::vector<std::string> variables;  ///< "$i", "$e" of `$i, $e := …`
  std::vector<Command> commands;
};

struct Node;
using Nodes = std::vector<Node>;

struct Node {
  enum class Kind { text, print, set, if_, range, with } kind = Kind::text;
  std::string text;
  Pipeline pipeline;
  Nodes body, otherwise;
};

/// The error says where: "template: 1: unclosed action".
std::expected<Nodes, std::string> parse(std::string_view text);

}  // namespace orch::cli::tmpl
