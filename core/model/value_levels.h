// How deep a free-form value nests, which whoever takes one from outside bounds (core/base/limits.h).
#pragma once

#include <algorithm>
#include <cstddef>

#include "core/model/value.h"

namespace orch {

/// Lists and maps inside one another: 0 for what is neither.
inline std::size_t levels_of(const Value& value) {
  std::size_t inner = 0;
  if (const Value::List* list = value.as_list()) {
    for (const Value& item : *list) inner = std::max(inner, levels_of(item));
  } else if (const Value::Map* map = value.as_map()) {
    for (const auto& [key, item] : *map) inner = std::max(inner, levels_of(item));
  } else {
    return 0;
  }
  return inner + 1;
}

}  // namespace orch
