// Runs an allocation by hand in virtual time and writes down what it asks for, one line per action.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/runner/action.h"
#include "core/runner/alloc_runner.h"

namespace orch::test {

/// Second 0 of the tests' wall time is 2026-11-23T19:24:00Z.
inline Moment at(double seconds_passed, double random = 0) {
  const auto ns = static_cast<std::int64_t>(seconds_passed * 1e9);
  return {{1795461840'000'000'000 + ns}, {ns}, random};
}

inline std::vector<std::string> lines(const Actions& actions) {
  std::vector<std::string> out;
  for (const Action& a : actions) out.push_back(describe(a));
  return out;
}

using Lines = std::vector<std::string>;

/// `type: message` of each event.
inline Lines events_of(const AllocRunner& alloc, const std::string& task) {
  Lines out;
  const std::map<std::string, TaskState> states = alloc.task_states();
  for (const TaskEvent& e : states.at(task).events) out.push_back(e.type + ": " + display_message(e));
  return out;
}

inline Task task_named(const std::string& name) {
  Task task;
  task.name = name;
  task.driver = "mock";
  return task;
}

/// A job with one group "g" of these tasks; 2 restarts in 30 minutes, 15 s apart.
inline Job job_of(const std::string& type, std::vector<Task> tasks) {
  Job job;
  job.id = job.name = "example";
  job.type = type;
  TaskGroup group;
  group.name = "g";
  group.tasks = std::move(tasks);
  group.restart = RestartPolicy{.attempts = 2, .interval = minutes(30), .delay = seconds(15), .mode = "fail"};
  job.task_groups.push_back(std::move(group));
  return job;
}

inline AllocAssignment assignment_of(Job job, std::string deployment = "") {
  return {.alloc_id = "a1",
          .job = std::make_shared<const Job>(std::move(job)),
          .group_name = "g",
          .deployment_id = std::move(deployment)};
}

}  // namespace orch::test

namespace doctest {
template <>
struct StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& lines) {
    std::string text = "\n";
    for (const std::string& line : lines) text += "  " + line + "\n";
    return text.c_str();
  }
};
}  // namespace doctest
