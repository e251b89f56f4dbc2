// The agent's own log: one line each on standard error, from a level on that can be changed while it runs. Any thread.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

namespace orch {

class AgentLog {
 public:
  explicit AgentLog(std::string_view level) { set_level(level); }

  /// "DEBUG", "INFO", "WARN" or "ERROR": what is below is left out.
  void set_level(std::string_view level);

  void operator()(std::string_view level, const std::string& text) const;

 private:
  std::atomic<int> least_ = 1;
};

}  // namespace orch
