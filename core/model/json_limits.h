// Boost.JSON with the bounds of core/base/limits.h: it stops at 32 levels where it is told nothing.
#pragma once

#include <boost/json/parse.hpp>

#include "core/base/limits.h"

namespace orch {

/// For what an agent reads of orch's own; outside documents are read by Body, whose bound is `deepest_document`.
inline boost::json::value parse_answer(std::string_view text, boost::json::error_code& error,
                                       boost::json::storage_ptr memory = {}) {
  return boost::json::parse({text.data(), text.size()}, error, std::move(memory), {.max_depth = deepest_answer});
}

}  // namespace orch
