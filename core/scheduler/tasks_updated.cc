#include "core/scheduler/tasks_updated.h"

namespace orch {
namespace {

StringMap merged_meta(const Job& job, const TaskGroup& group, const Task& task) {
  StringMap meta = task.meta;
  meta.insert(group.meta.begin(), group.meta.end());
  meta.insert(job.meta.begin(), job.meta.end());
  return meta;
}

const Task* find_task(const TaskGroup& group, const std::string& name) {
  for (const Task& task : group.tasks) {
    if (task.name == name) return &task;
  }
  return nullptr;
}

}  // namespace

bool needs_replacement(const Job& old_job, const TaskGroup& old_group, const Job& new_job, const TaskGroup& new_group) {
  if (old_group.tasks.size() != new_group.tasks.size()) return true;
  if (old_group.ephemeral_disk != new_group.ephemeral_disk) return true;
  if (old_group.networks != new_group.networks) return true;
  for (const Task& now : new_group.tasks) {
    const Task* before = find_task(old_group, now.name);
    if (before == nullptr) return true;
    if (before->driver != now.driver || before->user != now.user || before->config != now.config) return true;
    if (before->env != now.env || before->artifacts != now.artifacts || before->vault != now.vault) return true;
    if (before->templates != now.templates) return true;
    if (merged_meta(old_job, old_group, *before) != merged_meta(new_job, new_group, now)) return true;
    if (before->resources != now.resources) return true;
  }
  return false;
}

}  // namespace orch
