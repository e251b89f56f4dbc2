// Reading the engine's answers: what is absent or of another kind is null, 0 or an empty text.
#pragma once

#include <boost/json.hpp>
#include <initializer_list>
#include <string>

#include "core/runner/task_driver.h"
#include "drivers/task/docker/docker_engine.h"

namespace orch::engine_json {

inline const boost::json::value& at(const boost::json::value& value, std::initializer_list<const char*> path) {
  static const boost::json::value null;
  const boost::json::value* found = &value;
  for (const char* name : path) {
    const auto* object = found->if_object();
    found = object != nullptr ? object->if_contains(name) : nullptr;
    if (found == nullptr) return null;
  }
  return *found;
}

inline double number(const boost::json::value& value) { return value.is_number() ? value.to_number<double>() : 0; }
inline std::string text(const boost::json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : std::string();
}

inline DriverError error_of(const EngineError& error, bool recoverable) {
  return {error.message, recoverable || error.is_away()};
}

}  // namespace orch::engine_json
