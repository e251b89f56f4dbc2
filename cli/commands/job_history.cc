// orch job history JOB: its versions, and with -p what each changed.
#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/commands/job_diff_text.h"
#include "cli/commands/job_lookup.h"
#include "cli/format/data_output.h"
#include "cli/format/moment.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"
#include "core/base/format.h"
#include "core/jobspec/job_diff.h"
#include "core/model/job_json.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

constexpr std::uint64_t none = ~std::uint64_t{0};  // no version was given

void print_version(const boost::json::array& versions, std::size_t position, bool diffs, bool full) {
  const auto& version = versions[position];
  print_line(key_values({{"Version", std::to_string(number_of(version, "Version"))},
                         {"Stable", flag_of(version, "Stable") ? "true" : "false"},
                         {"Submit Date", instant({number_of(version, "SubmitTime")})}}));
  if (diffs && position + 1 < versions.size()) {
    const auto& earlier = versions[position + 1];
    const auto after = job_from_json(version), before = job_from_json(earlier);
    if (after && before) {
      const JobDiff diff = diff_jobs(&*before, *after, flag_of(earlier, "Stop"), flag_of(version, "Stop"));
      print_line("Diff        = \n" + job_diff_text(diff, false));
    }
  }
  if (full) print_line("Full        =\n" + pretty(version));
}

std::string no_such_version(const std::string& job, std::uint64_t version) {
  return fmt::format("Job \"{}\" has no version {} any more, or not yet", job, version);
}

int run(const Words& words) {
  CommandLine app{"Lists a job's versions, the newest first.", "orch job history"};
  GeneralOptions general;
  std::string prefix;
  DataOutput data;
  std::uint64_t version = none;
  bool diffs = false, full = false;
  general.add_to(app);
  app.add_argument("job", prefix, "Job, or the beginning of its id", Need::required, Offer::jobs);
  app.add_flag("p", diffs, "Shows what each version changed");
  app.add_flag("full", full, "Shows each version whole");
  app.add_option("version", version, "Only that version");
  data.add_to(app);
  app.add_example("orch job history example");
  app.add_example("orch job history -p -version 2 example");
  if (auto over = app.parse(words)) return *over;
  ApiClient api(general);
  const auto job = job_of_prefix(api, prefix, "querying");
  if (!job) return job.error();
  const auto answer = api.get("/v1/job/" + net::percent_encoded(job->id) + "/versions?diffs=true");
  if (!answer) return complain("Error querying job history: " + answer.error().message);
  const auto* versions = member_of(answer->json, "Versions").if_array();
  if (versions == nullptr) return complain("the agent's answer holds no versions");
  if (data.wanted()) {
    if (version == none) return data.print(*versions);
    for (const auto& v : *versions) {
      if (static_cast<std::uint64_t>(number_of(v, "Version")) == version) return data.print(v);
    }
    return complain(no_such_version(job->id, version));
  }
  bool first = true, found = false;
  for (std::size_t i = 0; i < versions->size(); ++i) {
    if (version != none && static_cast<std::uint64_t>(number_of((*versions)[i], "Version")) != version) continue;
    found = true;
    if (!first) print_line("");
    first = false;
    print_version(*versions, i, diffs, full);
  }
  if (!found) return complain(no_such_version(job->id, version));
  return 0;
}

}  // namespace

Command job_history_command() { return {"job history", "Lists a job's versions", run}; }

}  // namespace orch::cli
