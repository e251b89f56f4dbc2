#include "cli/agent/agent_log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "core/base/assert.h"

namespace orch {
namespace {

struct Level {
  std::string_view name;
  spdlog::level::level_enum value;
};
constexpr Level levels[] = {{"DEBUG", spdlog::level::debug},
                            {"INFO", spdlog::level::info},
                            {"WARN", spdlog::level::warn},
                            {"ERROR", spdlog::level::err}};

spdlog::level::level_enum level_of(std::string_view name) {
  for (const Level& level : levels) {
    if (level.name == name) return level.value;
  }
  ORCH_ASSERT(false, "a line of the agent's log has a level that there is");
  return spdlog::level::err;
}

/// "%*" of the pattern: the level as the agent's options have it, "WARN" and not spdlog's "warning".
class LevelName final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    for (const Level& level : levels) {
      if (level.value == message.level) out.append(level.name.data(), level.name.data() + level.name.size());
    }
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<LevelName>(); }
};

}  // namespace

AgentLog::AgentLog(std::string_view level)
    : logger_(std::make_unique<spdlog::logger>("agent", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<LevelName>('*').set_pattern("    %Y-%m-%dT%H:%M:%S.%eZ [%*] %v");
  logger_->set_formatter(std::move(formatter));
  logger_->flush_on(spdlog::level::trace);  // a line is there before the agent can die
  set_level(level);
}
AgentLog::~AgentLog() = default;

void AgentLog::set_level(std::string_view level) { logger_->set_level(level_of(level)); }

void AgentLog::operator()(std::string_view level, const std::string& text) const {
  logger_->log(level_of(level), spdlog::string_view_t(text.data(), text.size()));  // not a format: text may hold braces
}

}  // namespace orch
