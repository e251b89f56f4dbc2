#include "core/runner/services.h"

#include <algorithm>

namespace orch {

std::vector<const Service*> services_of(const TaskGroup& group, const Task& task) {
  std::vector<const Service*> services;
  for (const Service& service : task.services) services.push_back(&service);
  if (group.services.empty() || group.tasks.empty()) return services;
  const auto leader = std::find_if(group.tasks.begin(), group.tasks.end(), [](const Task& t) { return t.leader; });
  const std::string& otherwise = leader == group.tasks.end() ? group.tasks.front().name : leader->name;
  for (const Service& service : group.services) {
    if ((service.task_name.empty() ? otherwise : service.task_name) == task.name) services.push_back(&service);
  }
  return services;
}

}  // namespace orch
