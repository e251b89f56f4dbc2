// orch job stop JOB
#include <unistd.h>

#include <iostream>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/commands/job_lookup.h"
#include "cli/commands/monitor.h"
#include "cli/format/shown.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

int run(const Words& words) {
  CommandLine app{"Stops a job: its allocations are ended, its history stays.", "orch job stop"};
  GeneralOptions general;
  std::string prefix;
  bool detach = false, purge = false, yes = false, verbose = false;
  general.add_to(app);
  app.add_argument("job", prefix, "Job, or the beginning of its id", Need::required, Offer::jobs);
  app.add_flag("detach", detach, "Prints the evaluation's id and returns");
  app.add_flag("purge", purge, "Also takes the job out of the lists (its records stay in the log)");
  app.add_flag("yes,y", yes, "Does not ask");
  app.add_flag("verbose", verbose, "Whole ids");
  app.add_example("orch job stop web");
  if (auto over = app.parse(words)) return *over;
  ApiClient api(general);
  const auto job = job_of_prefix(api, prefix, "deregistering");
  if (!job) return job.error();
  if (!job->exact && !yes) {
    std::cout << "Are you sure you want to stop job \"" << job->id << "\"? [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    if (answer.empty() || answer[0] == 'n' || answer[0] == 'N') {
      print_line("Cancelling job stop");
      return 0;
    }
    if (answer != "y" && answer != "Y") return complain("For confirmation, an exact 'y' is required.");
  }
  const auto answer = api.remove("/v1/job/" + net::percent_encoded(job->id) + (purge ? "?purge=true" : ""));
  if (!answer) return complain("Error deregistering job: " + answer.error().message);
  const std::string evaluation = text_of(answer->json, "EvalID");
  if (evaluation.empty()) return 0;
  if (detach) {
    print_line(evaluation);
    return 0;
  }
  return monitor_evaluation(api, evaluation, verbose);
}

}  // namespace

Command job_stop_command() { return {"job stop", "Stops a job", run, {"stop"}}; }

}  // namespace orch::cli
