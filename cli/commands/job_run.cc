// orch job run FILE: registers a job and follows what comes of it.
#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/commands/job_file.h"
#include "cli/commands/monitor.h"
#include "cli/format/color.h"
#include "cli/format/shown.h"
#include "core/model/json_limits.h"

namespace orch::cli {
namespace {

int run(const Words& words) {
  CommandLine app{
      "Registers a job, new or changed, and follows its evaluation.\nExit code: 0 all placed, 2 not all, 1 an error.",
      "orch job run"};
  GeneralOptions general;
  std::string source, check_index;
  bool detach = false, output = false, verbose = false;
  general.add_to(app);
  app.add_argument("file", source, "Job file, - for standard input, or an http URL", Need::required, Offer::files);
  app.add_option("check-index", check_index, "Registers only if the job's modify index is this one; 0: only a new job");
  app.add_flag("detach", detach, "Prints the evaluation's id and returns");
  app.add_flag("output", output, "Prints the job as the API takes it, and does nothing");
  app.add_flag("verbose", verbose, "Whole ids");
  app.add_example("orch job run web.nomad");
  app.add_example("orch job run -check-index 41 web.nomad");
  if (auto over = app.parse(words)) return *over;
  if (!check_index.empty() &&
      (check_index.find_first_not_of("0123456789") != std::string::npos || check_index.size() > 19)) {
    return complain("Error parsing check-index value \"" + check_index +
                    "\": it is a job modify index, as orch job plan shows it");
  }
  const auto job = read_job_file(source);
  if (!job) return complain(job.error());
  if (output) {
    boost::json::error_code error;
    print_line(pretty(parse_answer(job_request(*job), error)));
    return 0;
  }
  ApiClient api(general);
  const std::string request =
      job_request(*job, check_index.empty() ? "" : "\"EnforceIndex\":true,\"JobModifyIndex\":" + check_index);
  const auto answer = api.put("/v1/jobs", request);
  if (!answer) {
    // Nomad prints a conflict without the wrapping.
    const std::string& body = answer.error().body;
    if (const std::size_t at = body.find("Enforcing job modify index"); at != std::string::npos) {
      return complain(body.substr(at) + "\nJob not updated");
    }
    return complain("Error submitting job: " + answer.error().message + size_note(answer.error().status, request));
  }
  if (const std::string warnings = text_of(answer->json, "Warnings"); !warnings.empty())
    print_line(yellow("Job Warnings:\n" + warnings + "\n"));
  const std::string evaluation = text_of(answer->json, "EvalID");
  if (evaluation.empty()) {
    print_line("Job registration successful");
    return 0;
  }
  if (detach) {
    print_line("Job registration successful\nEvaluation ID: " + evaluation);
    return 0;
  }
  return monitor_evaluation(api, evaluation, verbose, true);
}

}  // namespace

Command job_run_command() { return {"job run", "Registers a job and follows it", run, {"run"}}; }

}  // namespace orch::cli
