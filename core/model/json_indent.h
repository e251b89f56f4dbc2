// JSON as people read it: the one place that breaks lines and indents.
#pragma once

#include <string>
#include <string_view>

namespace orch {

/// Breaks valid JSON into lines, four spaces a level; empty objects and arrays stay on their line. Numbers and texts
/// are passed on as they are written.
std::string indented_json(std::string_view json);

}  // namespace orch
