// orch job validate FILE
#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/commands/job_file.h"
#include "cli/format/color.h"
#include "cli/format/shown.h"
#include "core/jobspec/support.h"
#include "core/jobspec/validate.h"

namespace orch::cli {
namespace {

int run(const Words& words) {
  CommandLine app{"Says whether a job file is a job that may run.", "orch job validate"};
  GeneralOptions general;
  std::string source;
  general.add_to(app);
  app.add_argument("file", source, "Job file, - for standard input, or an http URL", Need::required, Offer::files);
  app.add_example("orch job validate web.nomad");
  if (auto over = app.parse(words)) return *over;
  const auto job = read_job_file(source);
  if (!job) return complain(job.error());
  std::string error, warnings;
  ApiClient api(general);
  if (const auto answer = api.put("/v1/validate/job", job_request(*job))) {
    error = text_of(answer->json, "Error");
    warnings = text_of(answer->json, "Warnings");
  } else if (answer.error().status != 0) {
    return complain("Error validating job: " + answer.error().message);
  } else {
    // Nobody to ask: the rules are here too.
    std::vector<std::string> errors = validate(*job);
    for (std::string& refusal : refusals(*job)) errors.push_back(std::move(refusal));
    if (!errors.empty()) error = error_list(errors);
    const auto found = orch::warnings(*job);
    if (!found.empty()) warnings = warning_list(found);
  }
  if (!error.empty()) return complain(red("Job validation errors:") + "\n" + error);
  if (!warnings.empty()) print_line(yellow("Job Warnings:\n" + warnings + "\n"));
  print_line(green("Job validation successful"));
  return 0;
}

}  // namespace

Command job_validate_command() { return {"job validate", "Checks a job file", run, {"validate"}}; }

}  // namespace orch::cli
