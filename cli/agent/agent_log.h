// The agent's own log: one line each on standard error, from a level on that can be changed while it runs. Any thread;
// lines of several threads do not mix.
//
//     2026-11-23T19:34:10.228Z [INFO] agent: reload: log_level is INFO now
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace orch {

/// Levels are "DEBUG", "INFO", "WARN" and "ERROR"; another word is a bug.
class AgentLog {
 public:
  explicit AgentLog(std::string_view level);
  ~AgentLog();

  /// What is below is left out.
  void set_level(std::string_view level);

  void operator()(std::string_view level, const std::string& text) const;

 private:
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace orch
