// orch job inspect JOB
#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/commands/job_lookup.h"
#include "cli/format/data_output.h"
#include "cli/format/shown.h"
#include "core/base/format.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

int run(const Words& words) {
  CommandLine app{"Prints a job as the API has it.", "orch job inspect"};
  GeneralOptions general;
  std::string prefix;
  DataOutput data;
  constexpr std::uint64_t none = ~std::uint64_t{0};  // no version was given
  std::uint64_t version = none;
  general.add_to(app);
  app.add_argument("job", prefix, "Job, or the beginning of its id", Need::required, Offer::jobs);
  app.add_option("version", version, "That version instead of the newest");
  data.add_to(app);
  app.add_example("orch job inspect example");
  app.add_example("orch job inspect -t '{{.Status}}' example");
  if (auto over = app.parse(words)) return *over;
  ApiClient api(general);
  const auto job = job_of_prefix(api, prefix, "inspecting");
  if (!job) return job.error();
  boost::json::value found;
  if (version == none) {
    const auto answer = api.get("/v1/job/" + net::percent_encoded(job->id));
    if (!answer) return complain("Error inspecting job: " + answer.error().message);
    found = answer->json;
  } else {
    const auto answer = api.get("/v1/job/" + net::percent_encoded(job->id) + "/versions");
    if (!answer) return complain("Error inspecting job: " + answer.error().message);
    if (const auto* list = member_of(answer->json, "Versions").if_array()) {
      for (const auto& v : *list) {
        if (static_cast<std::uint64_t>(number_of(v, "Version")) == version) found = v;
      }
    }
    if (found.is_null())
      return complain(fmt::format("job \"{}\" has no version {} any more, or not yet", job->id, version));
  }
  // Nomad's template sees the job itself, its JSON the job in a wrapper.
  if (!data.format.empty()) return data.print(found);
  print_line(pretty(boost::json::object{{"Job", found}}));
  return 0;
}

}  // namespace

Command job_inspect_command() { return {"job inspect", "Prints a job as the API has it", run, {"inspect"}}; }

}  // namespace orch::cli
