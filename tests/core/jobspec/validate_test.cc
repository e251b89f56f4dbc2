// Rules that no job file can break, since its syntax or its defaults stand before them: the API can.
#include <doctest/doctest.h>

#include "core/jobspec/canonicalize.h"
#include "core/jobspec/support.h"
#include "core/jobspec/validate.h"

using namespace orch;

namespace {

Job good() {
  Job job;
  job.id = job.name = "web";
  job.datacenters = {"dc1"};
  TaskGroup group{.name = "g"};
  Task task;
  task.name = "t";
  task.driver = "raw_exec";
  task.config = {{"command", "/bin/true"}};
  group.tasks.push_back(task);
  job.task_groups.push_back(group);
  canonicalize(job);
  return job;
}

std::string errors_of(const Job& job) {
  std::string out;
  for (const std::string& error : validate(job)) out += error + "|";
  return out;
}

}  // namespace

TEST_CASE("a small job is valid, runs, and warns of nothing") {
  CHECK(errors_of(good()) == "");
  CHECK(refusals(good()).empty());
  CHECK(warnings(good()).empty());
}

TEST_CASE("ids that no path, key or terminal could carry") {
  const auto with_id = [](std::string id) {
    Job job = good();
    job.id = std::move(id);
    return errors_of(job);
  };
  CHECK(with_id("") == "Missing job ID|");
  CHECK(with_id("a b") == "Job ID contains a space|");
  CHECK(with_id(std::string("a\0b", 3)) == "Job ID contains a null character|");
  CHECK(with_id("a\nb") == "Job ID contains a control character|");
  CHECK(with_id("..") == "Job ID contains a path segment of dots, which no URL can carry|");
  CHECK(with_id("a/../b") == "Job ID contains a path segment of dots, which no URL can carry|");
  CHECK(with_id("a/b..c/..d") == "");
  CHECK(with_id("nightly/periodic-1795481107") == "");
  CHECK(with_id("Überraschung") == "");
  CHECK(with_id(std::string(401, 'x')) == "Job ID has 401 bytes; at most 400 are allowed|");
}

TEST_CASE("counts that no memory could hold") {
  Job job = good();
  job.task_groups.push_back(job.task_groups[0]);
  job.task_groups[1].name = "h";
  job.task_groups[0].count = 4'999'999;
  job.task_groups[1].count = 1;
  CHECK(errors_of(job) == "");
  job.task_groups[1].count = 2147483647;
  CHECK(errors_of(job) ==
        "The counts of the task groups add up to 2152483646; a job may have at most 5000000 allocations|");
  job.task_groups[0].count = -1;
  job.task_groups[1].count = 5'000'000;
  CHECK(errors_of(job) ==
        "Task group g validation failed: 1 error(s) occurred:\n\n* Task group count can't be negative|");
}

TEST_CASE("texts with NUL bytes are named by their path, ten of them at most") {
  Job job = good();
  job.meta["k"] = std::string("a\0b", 3);
  job.task_groups[0].tasks[0].env[std::string("X\0", 2)] = "1";
  job.task_groups[0].tasks[0].name = "t\x1b[31m";
  const std::string found = errors_of(job);
  CHECK(found.find("Meta[k] contains a null character|") != std::string::npos);
  CHECK(found.find("TaskGroups[0].Tasks[0].Env has a key with a null character|") != std::string::npos);
  CHECK(found.find("TaskGroups[0].Tasks[0].Name contains a control character|") != std::string::npos);
  for (int i = 0; i < 50; ++i) job.meta["k" + std::to_string(i)] = std::string(1, '\0');
  CHECK(validate(job).size() <= 12);
}

TEST_CASE("an incomplete policy is judged by what it will be") {
  Job job = good();
  job.task_groups[0].restart = RestartPolicy{.attempts = 1000};
  CHECK(errors_of(job).find("can't restart the TaskGroup 1000 times in an interval of 30m0s") != std::string::npos);
}
