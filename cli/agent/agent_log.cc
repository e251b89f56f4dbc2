#include "cli/agent/agent_log.h"

#include <cstdio>

#include "drivers/clock/clock.h"
#include "core/base/time_text.h"

namespace orch {
namespace {

int rank(std::string_view level) { return level == "DEBUG" ? 0 : level == "INFO" ? 1 : level == "WARN" ? 2 : 3; }

}  // namespace

void AgentLog::set_level(std::string_view level) { least_ = rank(level); }

void AgentLog::operator()(std::string_view level, const std::string& text) const {
  if (rank(level) < least_) return;
  const WallTime whole_milliseconds{wall_now().ns / 1'000'000 * 1'000'000};
  const std::string line = "    " + rfc3339(whole_milliseconds) + " [" + std::string(level) + "] " + text + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace orch
