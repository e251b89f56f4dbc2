// Where a walk over field tables stands: a chain of steps on the walk's stack, made into text only when somebody is
// told.
//     TaskGroups[0].Tasks[1].Env[PATH]
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace orch {

struct FieldStep {
  const char* field = nullptr;  ///< of a struct, or
  std::string_view key = {};    ///< of a map, or
  std::size_t item = 0;         ///< of a list
  bool of_map = false;
  const FieldStep* before = nullptr;
};

inline std::string path_to(const FieldStep* step) {
  if (step == nullptr) return {};
  std::string text = path_to(step->before);
  if (step->field != nullptr) return text + (text.empty() ? "" : ".") + step->field;
  return text + '[' + (step->of_map ? std::string(step->key) : std::to_string(step->item)) + ']';
}

}  // namespace orch
