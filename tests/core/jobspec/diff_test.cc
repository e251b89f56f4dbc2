// What changed between two versions of a job, as `job plan` draws it: a golden text for each kind of field.
#include "cli/commands/job_diff_text.h"
#include "core/jobspec/canonicalize.h"
#include "core/jobspec/job_diff.h"
#include "core/jobspec/parse.h"
#include "core/scheduler/tasks_updated.h"
#include "tests/core/jobspec/golden.h"

using namespace orch;
using namespace orch::test;

namespace {

Job read(const std::string& text) {
  auto job = parse_job(text, "pair");
  REQUIRE_MESSAGE(job, (job ? "" : job.error().text()));
  canonicalize(*job);
  return std::move(*job);
}

const TaskGroup* group_named(const Job& job, const std::string& name) {
  for (const TaskGroup& group : job.task_groups) {
    if (group.name == name) return &group;
  }
  return nullptr;
}

// The tree as `job plan` shows it, the same with everything opened, and what the scheduler would do with the groups.
std::string shown(const Job* before, const Job& after) {
  JobDiff diff = diff_jobs(before, after);
  annotate(diff);
  std::string out = cli::job_diff_text(diff, false) + "\n";
  const std::string opened = cli::job_diff_text(diff, true) + "\n";
  if (opened != out) out += "\nopened:\n" + opened;
  for (const TaskGroup& group : after.task_groups) {
    const TaskGroup* old = before != nullptr ? group_named(*before, group.name) : nullptr;
    const char* what = old == nullptr                                   ? "created"
                       : needs_replacement(*before, *old, after, group) ? "replaced"
                                                                        : "kept or updated in place";
    out += "\ngroup \"" + group.name + "\": " + what;
  }
  return out + "\n";
}

}  // namespace

TEST_CASE("a job that was stopped shows that it starts again") {
  const Job job = read(
      "job \"web\" {\n  datacenters = [\"dc1\"]\n  group \"g\" {\n    task \"t\" {\n      driver = \"docker\"\n    }\n "
      " }\n}\n");
  CHECK(cli::job_diff_text(diff_jobs(&job, job, true), false) ==
        "+/- Job: \"web\"\n+/- Stop: \"true\" => \"false\"\n    Task Group: \"g\"\n      Task: \"t\"");
  CHECK(diff_jobs(&job, job, true, true).type == DiffType::none);
}

TEST_CASE("a plan's tree for each kind of change") {
  const auto files = golden_files("diff", ".pair");
  CHECK(files.size() >= 25);
  for (const fs::path& file : files) {
    const std::string text = content(file);
    const std::size_t line = text.find("\n---\n");
    REQUIRE_MESSAGE(line != std::string::npos, file.string());
    const std::string old_text = text.substr(0, line + 1);
    const Job after = read(text.substr(line + 5));
    fs::path expected = file;
    if (old_text.starts_with("# no job")) {
      check_golden(expected.replace_extension(".txt"), shown(nullptr, after));
      continue;
    }
    const Job before = read(old_text);
    check_golden(expected.replace_extension(".txt"), shown(&before, after));
    // A job is no change of itself, and what was added one way is deleted the other way.
    CHECK(diff_jobs(&after, after).type == DiffType::none);
    CHECK(diff_jobs(&after, before).type == diff_jobs(&before, after).type);
  }
}
