#include "core/scheduler/tasks_updated.h"

#include <algorithm>
#include <tuple>

#include "core/reducer/carried_ports.h"

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

// All of a network but its ports.
auto without_ports(const NetworkResource& n) { return std::tie(n.cidr, n.device, n.ip, n.mode, n.mbits); }

bool same_but_ports(const std::vector<NetworkResource>& a, const std::vector<NetworkResource>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const NetworkResource& x, const NetworkResource& y) {
    return without_ports(x) == without_ports(y);
  });
}

bool same_but_ports(const Resources& a, const Resources& b) {
  return a.cpu == b.cpu && a.disk_mb == b.disk_mb && a.iops == b.iops && a.memory_mb == b.memory_mb &&
         a.devices == b.devices && same_but_ports(a.networks, b.networks);
}

}  // namespace

bool needs_replacement(const Job& old_job, const TaskGroup& old_group, const Job& new_job, const TaskGroup& new_group) {
  if (old_group.tasks.size() != new_group.tasks.size()) return true;
  if (old_group.ephemeral_disk != new_group.ephemeral_disk) return true;
  if (!same_but_ports(old_group.networks, new_group.networks)) return true;
  for (const Task& now : new_group.tasks) {
    const Task* before = find_task(old_group, now.name);
    if (before == nullptr) return true;
    if (before->driver != now.driver || before->user != now.user || before->config != now.config) return true;
    if (before->env != now.env || before->artifacts != now.artifacts || before->vault != now.vault) return true;
    if (before->templates != now.templates) return true;
    if (merged_meta(old_job, old_group, *before) != merged_meta(new_job, new_group, now)) return true;
    if (!same_but_ports(before->resources, now.resources)) return true;
  }
  // Ports may stand in another order, and so may the tasks.
  return !carried_ports(old_group, new_group);
}

}  // namespace orch
