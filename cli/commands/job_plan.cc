// orch job plan FILE: what running a job would do, without doing it.
#include <algorithm>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/commands/job_diff_text.h"
#include "cli/commands/job_file.h"
#include "cli/commands/placement_metrics.h"
#include "cli/format/color.h"
#include "cli/format/moment.h"
#include "cli/format/shown.h"
#include "core/base/format.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

DiffType type_in(const boost::json::value& v) {
  const std::string type = text_of(v, "Type");
  return type == "Added"     ? DiffType::added
         : type == "Deleted" ? DiffType::deleted
         : type == "Edited"  ? DiffType::edited
                             : DiffType::none;
}

template <class T, class F>
std::vector<T> list_in(const boost::json::value& v, const char* name, F&& make) {
  std::vector<T> made;
  if (const auto* list = member_of(v, name).if_array()) {
    for (const auto& item : *list) made.push_back(make(item));
  }
  return made;
}

std::vector<std::string> annotations_in(const boost::json::value& v) {
  return list_in<std::string>(
      v, "Annotations", [](const auto& a) { return a.is_string() ? std::string(a.get_string()) : std::string(); });
}

std::vector<FieldDiff> fields_in(const boost::json::value& v) {
  return list_in<FieldDiff>(v, "Fields", [](const auto& f) {
    return FieldDiff{type_in(f), text_of(f, "Name"), text_of(f, "Old"), text_of(f, "New"), annotations_in(f)};
  });
}

std::vector<ObjectDiff> objects_in(const boost::json::value& v) {
  return list_in<ObjectDiff>(v, "Objects", [](const auto& o) {
    return ObjectDiff{type_in(o), text_of(o, "Name"), fields_in(o), objects_in(o)};
  });
}

JobDiff diff_in(const boost::json::value& v) {
  JobDiff diff{type_in(v), text_of(v, "ID"), fields_in(v), objects_in(v), {}};
  diff.task_groups = list_in<TaskGroupDiff>(v, "TaskGroups", [](const auto& g) {
    TaskGroupDiff group{type_in(g), text_of(g, "Name"), fields_in(g), objects_in(g), {}, {}};
    group.tasks = list_in<TaskDiff>(g, "Tasks", [](const auto& t) {
      return TaskDiff{type_in(t), text_of(t, "Name"), fields_in(t), objects_in(t), annotations_in(t)};
    });
    if (const auto* updates = member_of(g, "Updates").if_object()) {
      for (const auto& [name, count] : *updates)
        group.updates[std::string(name)] = static_cast<std::uint64_t>(count.is_int64() ? count.get_int64() : 0);
    }
    return group;
  });
  return diff;
}

void print_dry_run(const boost::json::value& answer) {
  print_line(bold("Scheduler dry-run:"));
  const auto* failed = member_of(answer, "FailedTGAllocs").if_object();
  if (failed == nullptr || failed->empty()) {
    print_line(green("- All tasks successfully allocated."));
    return;
  }
  print_line(yellow("- WARNING: Failed to place all allocations."));
  for (const auto& [group, metrics] : *failed) {
    print_line("  " + not_placed(group, metrics));
    print_line(placement_metrics(metrics, "    "));
  }
}

// What Nomad leaves its users to find out later.
void print_follow_ups(const boost::json::value& answer) {
  const auto* list = member_of(answer, "FollowUps").if_array();
  if (list == nullptr || list->empty()) return;
  print_line("\n" + bold("Rolling update:"));
  for (const auto& f : *list) {
    const std::int64_t total = number_of(f, "Total"), parallel = std::max<std::int64_t>(1, number_of(f, "MaxParallel"));
    const std::int64_t rounds = (total + parallel - 1) / parallel, healthy = number_of(f, "MinHealthyTime");
    print_line(
        fmt::format("- Task Group \"{}\": {} {} will be replaced in all, {} at a time, each healthy for {} "
                    "before the next; at least {}.",
                    text_of(f, "TaskGroup"), total, total == 1 ? "allocation" : "allocations", parallel,
                    length({healthy}), length({rounds * healthy})));
  }
}

int exit_code(const boost::json::value& answer) {
  if (const auto* updates = member_of(member_of(answer, "Annotations"), "DesiredTGUpdates").if_object()) {
    for (const auto& [group, u] : *updates) {
      if (number_of(u, "Stop") + number_of(u, "Place") + number_of(u, "Migrate") + number_of(u, "DestructiveUpdate") +
              number_of(u, "Canary") >
          0)
        return 1;
    }
  }
  return 0;
}

int run(const Words& words) {
  CommandLine app{"Shows what running a job would change, and whether it could be placed.\n"
               "Exit code: 0 no allocation is created or destroyed, 1 some are, 255 an error.",
               "orch job plan"};
  GeneralOptions general;
  std::string source;
  bool diff = true, verbose = false, json = false;
  general.add_to(app);
  app.add_argument("file", source, "Job file, - for standard input, or an http URL", Need::required, Offer::files);
  app.add_flag("diff,!no-diff", diff, "Shows the difference to the running version (on)");
  app.add_flag("verbose", verbose, "Also shows the insides of what is new");
  app.add_flag("json", json, "Prints the API's answer");
  app.add_example("orch job plan web.nomad");
  if (auto over = app.parse(words, 255)) return *over;
  const auto job = read_job_file(source);
  if (!job) return complain(job.error()), 255;
  ApiClient api(general);
  const std::string request = job_request(*job, diff ? "\"Diff\":true" : "");
  const auto answer = api.put("/v1/job/" + net::percent_encoded(job->id) + "/plan", request);
  if (!answer)
    return complain("Error during plan: " + answer.error().message + size_note(answer.error().status, request)), 255;
  if (json) {
    print_line(pretty(answer->json));
    return exit_code(answer->json);
  }
  if (diff) print_line(job_diff_text(diff_in(member_of(answer->json, "Diff")), verbose) + "\n");
  print_dry_run(answer->json);
  if (const std::string warnings = text_of(answer->json, "Warnings"); !warnings.empty())
    print_line("\n" + yellow("Job Warnings:\n" + warnings));
  const std::string index = std::to_string(number_of(answer->json, "JobModifyIndex"));
  print_line("\n" + bold("Job Modify Index: " + index) +
             "\nTo submit the job with version verification run:\n\norch job run -check-index " + index + " " + source +
             "\n\nWhen running the job with the check-index flag, the job will only be run if the\n"
             "server side version matches the job modify index returned. If the index has\n"
             "changed, another user has modified the job and the plan's results are\npotentially invalid.");
  print_follow_ups(answer->json);
  return exit_code(answer->json);
}

}  // namespace

Command job_plan_command() { return {"job plan", "Shows what running a job would do", run, {"plan"}}; }

}  // namespace orch::cli
