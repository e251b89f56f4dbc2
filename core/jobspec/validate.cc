#include "core/jobspec/validate.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/base/assert.h"
#include "core/base/format.h"
#include "core/jobspec/canonicalize.h"
#include "core/jobspec/check_texts.h"
#include "core/jobspec/driver_config.h"
#include "core/jobspec/validate_rules.h"

namespace orch {
namespace {

const std::set<std::string> known_drivers = {"docker", "exec", "java", "lxc", "mock_driver", "qemu", "raw_exec", "rkt"};

// What one plan may have to weigh. Several times the largest clusters that anybody runs as one job, and nothing that
// memory could not hold.
constexpr std::int64_t most_allocations = 5'000'000;

// "." or ".." between slashes: the path of the job's page would lead elsewhere.
bool has_dots(const std::string& id) {
  for (std::size_t begin = 0; begin <= id.size();) {
    const std::size_t end = std::min(id.find('/', begin), id.size());
    const std::string part = id.substr(begin, end - begin);
    if (part == "." || part == "..") return true;
    begin = end + 1;
  }
  return false;
}

Errors check_group(const Job& job, const TaskGroup& group) {
  Errors errors;
  if (group.name.empty()) errors.push_back("Missing task group name");
  if (group.count < 0) errors.push_back("Task group count can't be negative");
  if (group.tasks.empty()) errors.push_back("Missing tasks for task group");
  check_constraints(group.constraints, false, errors);
  check_affinities(group.affinities, errors);
  check_spreads(group.spreads, errors);
  check_policies(job, group, errors);
  if (group.ephemeral_disk.size_mb < 10)
    errors.push_back("minimum DiskMB value is 10; got " + std::to_string(group.ephemeral_disk.size_mb));
  std::map<std::string, std::size_t> ordinals;  // from 1, as people count
  std::map<std::int32_t, std::string> statics;
  int leaders = 0;
  check_ports(group.networks, group.name, statics, errors);
  for (std::size_t i = 0; i < group.tasks.size(); ++i) {
    const Task& task = group.tasks[i];
    if (task.name.empty()) {
      errors.push_back(fmt::format("Task {} missing name", i + 1));
    } else if (const auto [it, fresh] = ordinals.emplace(task.name, i + 1); !fresh) {
      errors.push_back(fmt::format("Task {} redefines '{}' from task {}", i + 1, task.name, it->second));
    }
    leaders += task.leader ? 1 : 0;
    check_ports(task.resources.networks, task.name, statics, errors);
  }
  if (leaders > 1) errors.push_back("Only one task may be marked as leader");
  std::set<std::string> group_labels;
  add_labels(group.networks, group_labels);
  // In Nomad's group services a check may name a port of a task.
  std::set<std::string> all_labels = group_labels;
  for (const Task& task : group.tasks) add_labels(task.resources.networks, all_labels);
  check_services(group.services, all_labels, errors);
  for (const Task& task : group.tasks) {
    if (Errors found = check_task(task, group, group_labels); !found.empty())
      errors.push_back("Task " + task.name + " validation failed: " + error_list(found));
  }
  return errors;
}

}  // namespace

std::string error_list(const Errors& errors) {
  std::string out = std::to_string(errors.size()) + " error(s) occurred:\n";
  for (const std::string& error : errors) out += "\n* " + error;
  return out;
}

std::string warning_list(const std::vector<std::string>& warnings) {
  std::string out = std::to_string(warnings.size()) + " warning(s):\n";
  for (const std::string& warning : warnings) out += "\n* " + warning;
  return out;
}

std::vector<std::string> validate(const Job& given) {
  // Most callers bring a canonical job; one that isn't yet is judged by what it will be.
  std::optional<Job> filled;
  if (!std::all_of(given.task_groups.begin(), given.task_groups.end(), has_whole_policies))
    canonicalize(filled.emplace(given));
  const Job& job = filled ? *filled : given;
  ORCH_ASSERT(std::all_of(job.task_groups.begin(), job.task_groups.end(), has_whole_policies),
              "a canonical job leaves nothing of a policy open");
  Errors errors;
  if (job.id.empty()) errors.push_back("Missing job ID");
  if (job.id.find(' ') != std::string::npos) errors.push_back("Job ID contains a space");
  if (job.id.find('\0') != std::string::npos) errors.push_back("Job ID contains a null character");
  check_texts(job, errors);
  for (unsigned char c : job.id) {
    if (c != 0 && c < 0x20) {
      errors.push_back("Job ID contains a control character");
      break;
    }
  }
  if (has_dots(job.id)) errors.push_back("Job ID contains a path segment of dots, which no URL can carry");
  if (job.id.size() > 400) errors.push_back(fmt::format("Job ID has {} bytes; at most 400 are allowed", job.id.size()));
  if (job.name.empty()) errors.push_back("Missing job name");
  if (job.type != "service" && job.type != "batch" && job.type != "system")
    errors.push_back("Invalid job type: \"" + job.type + "\"");
  if (job.priority < 1 || job.priority > 100) errors.push_back("Job priority must be between [1, 100]");
  if (job.datacenters.empty()) errors.push_back("Missing job datacenters");
  if (job.task_groups.empty()) errors.push_back("Missing job task groups");
  check_constraints(job.constraints, false, errors);
  check_affinities(job.affinities, errors);
  check_spreads(job.spreads, errors);
  if (job.type == "system") {
    if (!job.affinities.empty()) errors.push_back("System jobs may not have an affinity stanza");
    if (!job.spreads.empty()) errors.push_back("System jobs may not have a spread stanza");
  }
  check_launch(job, errors);
  std::map<std::string, std::size_t> ordinals;  // from 1, as people count
  std::int64_t allocations = 0;
  for (std::size_t i = 0; i < job.task_groups.size(); ++i) {
    const TaskGroup& group = job.task_groups[i];
    allocations += std::max<std::int64_t>(group.count, 0);
    if (group.name.empty()) {
      errors.push_back(fmt::format("Job task group {} missing name", i + 1));
    } else if (const auto [it, fresh] = ordinals.emplace(group.name, i + 1); !fresh) {
      errors.push_back(fmt::format("Job task group {} redefines '{}' from group {}", i + 1, group.name, it->second));
    }
    if (Errors found = check_group(job, group); !found.empty()) {
      errors.push_back("Task group " + group.name + " validation failed: " + error_list(found));
    }
  }
  if (allocations > most_allocations) {
    errors.push_back(fmt::format("The counts of the task groups add up to {}; a job may have at most {} allocations",
                                 allocations, most_allocations));
  }
  for (const TaskGroup& group : job.task_groups) {
    for (const Task& task : group.tasks) {
      if (!task.driver.empty() && !known_drivers.contains(task.driver)) {
        errors.push_back("failed to create driver for task \"" + task.name + "\" in group \"" + group.name +
                         "\" for validation: unknown driver '" + task.driver + "'");
      }
      if (Errors found = config_errors(task.driver, task.config); !found.empty()) {
        errors.push_back("group \"" + group.name + "\" -> task \"" + task.name + "\" -> config: " + error_list(found));
      }
    }
  }
  return errors;
}

}  // namespace orch
