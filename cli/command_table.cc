// The table of commands: one line each. A command's name, line in the overview, aliases and code are in its own file
// (cli/commands/NAME.cc), which defines `Command NAME_command()`.
#include <algorithm>

#include "cli/command.h"
#include "core/base/assert.h"

namespace orch::cli {

// clang-format off
#define ORCH_COMMANDS(command) \
  command(agent) \
  command(agent_info) \
  command(alloc_fs) \
  command(alloc_logs) \
  command(alloc_status) \
  command(completion) \
  command(deployment_fail) \
  command(deployment_list) \
  command(deployment_pause) \
  command(deployment_promote) \
  command(deployment_resume) \
  command(deployment_status) \
  command(eval_status) \
  command(event_stream) \
  command(history) \
  command(job_history) \
  command(job_init) \
  command(job_inspect) \
  command(job_plan) \
  command(job_run) \
  command(job_status) \
  command(job_stop) \
  command(job_validate) \
  command(log_dump) \
  command(node_drain) \
  command(node_eligibility) \
  command(node_status) \
  command(replay) \
  command(server_members) \
  command(service_info) \
  command(service_list) \
  command(status) \
  command(version)
// clang-format on

#define ORCH_DECLARE_COMMAND(name) Command name##_command();
ORCH_COMMANDS(ORCH_DECLARE_COMMAND)

namespace {

std::vector<Command> with_aliases(const std::vector<Command>& given) {
  std::vector<Command> all = given;
  for (const Command& c : given) {
    for (const char* alias : c.aliases) all.push_back({alias, "", c.run, {}});
  }
  std::ranges::sort(all, {}, [](const Command& c) { return std::string_view(c.name); });
  const auto twice = std::ranges::adjacent_find(all, {}, [](const Command& c) { return std::string_view(c.name); });
  ORCH_ASSERT(twice == all.end(), "a name means one command");
  return all;
}

}  // namespace

const std::vector<Command>& commands() {
#define ORCH_LIST_COMMAND(name) name##_command(),
  static const std::vector<Command> all = with_aliases({ORCH_COMMANDS(ORCH_LIST_COMMAND)});
  return all;
}

const Command* find_command(std::string_view name) {
  const auto found = std::ranges::find(commands(), name, [](const Command& c) { return std::string_view(c.name); });
  return found == commands().end() ? nullptr : &*found;
}

bool is_later(std::string_view name) {
  static constexpr std::string_view later[] = {"acl",
                                               "alloc exec",
                                               "alloc restart",
                                               "alloc signal",
                                               "alloc stop",
                                               "eval list",
                                               "job deployments",
                                               "job dispatch",
                                               "job eval",
                                               "job periodic",
                                               "job promote",
                                               "job revert",
                                               "job scale",
                                               "monitor",
                                               "namespace",
                                               "node config",
                                               "operator",
                                               "quota",
                                               "sentinel",
                                               "server force-leave",
                                               "server join",
                                               "system",
                                               "ui",
                                               "volume"};
  return std::ranges::any_of(later, [&](std::string_view l) {
    return name == l || (name.starts_with(l) && name.substr(l.size()).starts_with(' '));
  });
}

}  // namespace orch::cli
