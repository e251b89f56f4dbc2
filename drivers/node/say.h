// How the parts of the node client write to the agent's log.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace orch::client {

/// `level`: DEBUG, INFO, WARN or ERROR. From any thread.
using Say = std::function<void(std::string_view level, const std::string& text)>;

}  // namespace orch::client
