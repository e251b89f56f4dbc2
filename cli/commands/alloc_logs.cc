// orch alloc logs: what a task has written.
#include <boost/json.hpp>

#include "cli/command.h"
#include "cli/commands/alloc_lookup.h"
#include "cli/commands/node_lookup.h"
#include "cli/commands/tail.h"
#include "cli/format/color.h"
#include "cli/format/shown.h"
#include "core/base/format.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

int run(const Words& words) {
  CommandLine app{"Prints what a task has written to its standard output or error output.", "orch alloc logs"};
  GeneralOptions general;
  TailOptions tail;
  std::string alloc_id, task, task_option;
  bool error_output = false, output = false, of_job = false, verbose = false;
  app.add_argument("allocation", alloc_id, "Id of the allocation, or its first characters; with -job a job",
                   Need::required, Offer::allocations);
  app.add_argument("task", task, "Task, where the group has several", Need::optional);
  app.add_option("task", task_option, "The same as an option");
  app.add_flag("stderr", error_output, "The error output");
  app.add_flag("stdout", output, "The standard output (default)");
  app.add_flag("job", of_job, "Some running allocation of the job, or its newest where none runs");
  app.add_flag("verbose", verbose, "Whole ids");
  tail.add_to(app);
  general.add_to(app);
  app.add_example("orch alloc logs 5f3a2b1c");
  app.add_example("orch alloc logs -f -n 20 5f3a2b1c redis");
  app.add_example("orch alloc logs -stderr -job example");
  if (auto over = app.parse(words)) return *over;
  if (std::string problem = tail.problem(); !problem.empty()) return app.misused(problem);
  if (error_output && output) return app.misused("give either -stdout or -stderr");
  if (!task.empty() && !task_option.empty()) return app.misused("the task is given twice");
  if (task.empty()) task = task_option;

  ApiClient api(general);
  if (of_job) {
    auto some = alloc_of_job(api, alloc_id);
    if (!some) return some.error();
    alloc_id = *some;
  }
  auto alloc = alloc_of_prefix(api, alloc_id, verbose);
  if (!alloc) return alloc.error();
  auto name = task_of_alloc(*alloc, task);
  if (!name) return name.error();

  const std::string id = text_of(*alloc, "ID");
  ApiClient agent = agent_of_node(api, general, text_of(*alloc, "NodeID"));
  auto printed = print_tail(agent, tail, [&](const char* origin, std::uint64_t offset, bool follow) {
    return fmt::format("/v1/client/fs/logs/{}?task={}&type={}&plain=true&origin={}&offset={}&follow={}",
                       net::percent_encoded(id), net::percent_encoded(*name), error_output ? "stderr" : "stdout",
                       origin, offset, follow);
  });
  return printed ? 0 : complain("Error reading file: " + printed.error().message);
}

}  // namespace

Command alloc_logs_command() { return {"alloc logs", "Prints or follows a task's output", run, {"logs"}}; }

}  // namespace orch::cli
