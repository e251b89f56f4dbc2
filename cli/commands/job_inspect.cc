// orch job inspect JOB
#include "cli/api_client.h"
#include "cli/commands/commands.h"
#include "cli/commands/job_lookup.h"
#include "cli/format/shown.h"

namespace orch::cli {

int run_job_inspect(const Words& words) {
  CommandLine app{"Prints a job as the API has it.", "orch job inspect"};
  GeneralOptions general;
  std::string prefix, format;
  std::int64_t version = -1;
  bool json = false;
  general.add_to(app);
  app.add_argument("job", prefix, "Job, or the beginning of its id", Need::required, Offer::jobs);
  app.add_option("version", version, "That version instead of the newest");
  app.add_flag("json", json, "JSON, which it is anyway");
  app.add_option("t", format, "Not supported");
  if (auto over = app.parse(words)) return *over;
  if (!format.empty()) return complain("-t: templates are not supported; use -json with a JSON tool");
  ApiClient api(general);
  const auto job = job_of_prefix(api, prefix, "inspecting");
  if (!job) return job.error();
  boost::json::value found;
  if (version < 0) {
    const auto answer = api.get("/v1/job/" + encoded(job->id));
    if (!answer) return complain("Error inspecting job: " + answer.error().message);
    found = answer->json;
  } else {
    const auto answer = api.get("/v1/job/" + encoded(job->id) + "/versions");
    if (!answer) return complain("Error inspecting job: " + answer.error().message);
    if (const auto* list = member_of(answer->json, "Versions").if_array()) {
      for (const auto& v : *list) {
        if (number_of(v, "Version") == version) found = v;
      }
    }
    if (found.is_null()) return complain("job \"" + job->id + "\" has no version " + std::to_string(version) + " any more, or not yet");
  }
  print_line(pretty(boost::json::object{{"Job", found}}));
  return 0;
}

}  // namespace orch::cli
