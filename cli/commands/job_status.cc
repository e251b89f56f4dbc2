// orch job status [JOB]: the list, or one job with its deployment and allocations.
#include <algorithm>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/commands/alloc_table.h"
#include "cli/commands/deployment_lookup.h"
#include "cli/commands/job_lookup.h"
#include "cli/commands/placement_metrics.h"
#include "cli/format/color.h"
#include "cli/format/data_output.h"
#include "cli/format/moment.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

int list_jobs(ApiClient& api, const DataOutput& data) {
  const auto jobs = api.get("/v1/jobs");
  if (!jobs) return complain("Error querying jobs: " + jobs.error().message);
  if (data.wanted()) return data.print(jobs->json);
  const auto* list = jobs->json.if_array();
  if (list == nullptr || list->empty()) {
    print_line("No running jobs");
    return 0;
  }
  print_line(job_table(jobs->json));
  return 0;
}

std::string summary_table(const boost::json::value& summary) {
  std::vector<std::vector<std::string>> rows{
      {"Task Group", "Queued", "Starting", "Running", "Failed", "Complete", "Lost"}};
  if (const auto* groups = member_of(summary, "Summary").if_object()) {
    std::vector<std::string> names;
    for (const auto& [name, counts] : *groups) names.emplace_back(name);
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      std::vector<std::string> row{name};
      for (const char* field : {"Queued", "Starting", "Running", "Failed", "Complete", "Lost"})
        row.push_back(std::to_string(number_of(groups->at(name), field)));
      rows.push_back(row);
    }
  }
  return table(rows);
}

std::vector<const boost::json::value*> newest(const boost::json::value& evaluations) {
  std::vector<const boost::json::value*> sorted;
  if (const auto* list = evaluations.if_array()) {
    for (const auto& e : *list) sorted.push_back(&e);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    return number_of(*a, "CreateIndex") > number_of(*b, "CreateIndex");
  });
  return sorted;
}

std::string eval_table(const std::vector<const boost::json::value*>& evaluations, bool verbose) {
  std::vector<std::vector<std::string>> rows{{"ID", "Priority", "Triggered By", "Status", "Placement Failures"}};
  for (const auto* e : evaluations) {
    const auto* failed = member_of(*e, "FailedTGAllocs").if_object();
    const std::string status = text_of(*e, "Status");
    const bool over = status == "complete" || status == "failed" || status == "canceled";
    rows.push_back({shown_id(text_of(*e, "ID"), verbose), std::to_string(number_of(*e, "Priority")),
                    text_of(*e, "TriggeredBy"), status,
                    !over                                   ? "N/A - In Progress"
                    : failed != nullptr && !failed->empty() ? "true"
                                                            : "false"});
  }
  return table(rows);
}

// The newest evaluation that says why something is queued, when something is.
void print_placement_failure(const boost::json::value& summary,
                             const std::vector<const boost::json::value*>& evaluations) {
  bool queued = false;
  if (const auto* groups = member_of(summary, "Summary").if_object()) {
    for (const auto& [name, counts] : *groups) queued |= number_of(counts, "Queued") > 0;
  }
  if (!queued) return;
  const boost::json::object* failed = nullptr;
  for (const auto* e : evaluations) {
    const auto* f = member_of(*e, "FailedTGAllocs").if_object();
    if (failed == nullptr && f != nullptr && !f->empty()) failed = f;
  }
  if (failed == nullptr) return;
  print_section("Placement Failure");
  for (const auto& [group, metrics] : *failed)
    print_line("Task Group \"" + std::string(group) + "\":\n" + placement_metrics(metrics, "  "));
}

struct Shown {
  bool short_form = false, evals = false, all = false, verbose = false;
};

int show_job(ApiClient& api, const std::string& id, const Shown& shown) {
  const auto job = api.get("/v1/job/" + net::percent_encoded(id));
  if (!job) return complain("Error querying job: " + job.error().message);
  const boost::json::value& j = job->json;
  std::string datacenters;
  if (const auto* list = member_of(j, "Datacenters").if_array()) {
    for (const auto& dc : *list)
      datacenters += (datacenters.empty() ? "" : ",") + (dc.is_string() ? std::string(dc.get_string()) : "");
  }
  print_line(key_values({{"ID", text_of(j, "ID")},
                         {"Name", text_of(j, "Name")},
                         {"Submit Date", instant({number_of(j, "SubmitTime")})},
                         {"Type", text_of(j, "Type")},
                         {"Priority", std::to_string(number_of(j, "Priority"))},
                         {"Datacenters", datacenters},
                         {"Status", text_of(j, "Status") + (flag_of(j, "Stop") ? " (stopped)" : "")},
                         {"Periodic", member_of(j, "Periodic").is_null() ? "false" : "true"},
                         {"Parameterized", member_of(j, "ParameterizedJob").is_null() ? "false" : "true"}}));
  if (shown.short_form) return 0;
  const auto summary = api.get("/v1/job/" + net::percent_encoded(id) + "/summary");
  const auto evaluations = api.get("/v1/job/" + net::percent_encoded(id) + "/evaluations");
  const auto allocations =
      api.get("/v1/job/" + net::percent_encoded(id) + "/allocations" + (shown.all ? "?all=true" : ""));
  const auto deployment = api.get("/v1/job/" + net::percent_encoded(id) + "/deployment");
  for (const auto* answer : {&summary, &evaluations, &allocations, &deployment}) {
    if (!*answer) return complain("Error querying job: " + answer->error().message);
  }
  print_section("Summary");
  print_line(summary_table(summary->json));
  const auto sorted = newest(evaluations->json);
  if ((shown.evals || shown.verbose) && !sorted.empty()) {
    print_section("Evaluations");
    print_line(eval_table(sorted, shown.verbose));
  }
  print_placement_failure(summary->json, sorted);
  if (deployment->json.is_object()) {
    print_section("Latest Deployment");
    print_line(key_values({{"ID", shown_id(text_of(deployment->json, "ID"), shown.verbose)},
                           {"Status", text_of(deployment->json, "Status")},
                           {"Description", text_of(deployment->json, "StatusDescription")}}));
    print_section("Deployed");
    print_line(deployed_table(deployment->json));
  }
  print_section("Allocations");
  const auto list = newest_first(allocations->json);
  print_line(list.empty() ? "No allocations placed" : alloc_table(list, shown.verbose));
  return 0;
}

int run(const Words& words) {
  CommandLine app{"Lists jobs, or shows one.", "orch job status"};
  GeneralOptions general;
  std::string prefix;
  DataOutput data;
  Shown shown;
  general.add_to(app);
  app.add_argument("job", prefix, "Job, or the beginning of its id", Need::optional, Offer::jobs);
  app.add_flag("short", shown.short_form, "Only the job's own lines");
  app.add_flag("evals", shown.evals, "Its evaluations too");
  app.add_flag("all-allocs", shown.all, "Also those of an earlier job of the same id");
  app.add_flag("verbose", shown.verbose, "Whole ids and instants");
  data.add_to(app);
  app.add_example("orch job status");
  app.add_example("orch job status web");
  if (auto over = app.parse(words)) return *over;
  ApiClient api(general);
  if (prefix.empty()) return list_jobs(api, data);
  const auto job = job_of_prefix(api, prefix, "querying");
  if (!job) return job.error();
  if (data.wanted()) {
    const auto whole = api.get("/v1/job/" + net::percent_encoded(job->id));
    return whole ? data.print(whole->json) : complain("Error querying job: " + whole.error().message);
  }
  return show_job(api, job->id, shown);
}

}  // namespace

Command job_status_command() { return {"job status", "Lists jobs, or shows one", run}; }

}  // namespace orch::cli
