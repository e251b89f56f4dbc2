#include "core/reducer/state.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/reducer/digest.h"

namespace orch {

GroupShape shape_of(const TaskGroup& group) {
  GroupShape shape;
  shape.disk_mb = group.ephemeral_disk.size_mb;
  auto add_network = [&](const NetworkResource& network) {
    shape.mbits += network.mbits;
    for (const Port& port : network.reserved_ports)
      shape.static_ports.push_back(static_cast<std::uint16_t>(port.value));
    shape.dynamic_ports += static_cast<std::uint32_t>(network.dynamic_ports.size());
  };
  for (const NetworkResource& network : group.networks) add_network(network);
  for (const Task& task : group.tasks) {
    shape.cpu += task.resources.cpu;
    shape.memory_mb += task.resources.memory_mb;
    for (const NetworkResource& network : task.resources.networks) add_network(network);
  }
  return shape;
}

const JobVersion* JobState::version(std::uint32_t number) const {
  for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
    if (it->version == number) return &*it;
  }
  return nullptr;
}

std::uint16_t JobState::summary_position(std::string_view group) {
  std::size_t position = 0;
  while (position < summary.size() && summary[position].name != group) ++position;
  if (position == summary.size()) summary.push_back({.name = std::string(group)});
  return static_cast<std::uint16_t>(position);
}

std::uint64_t State::hash() const {
  std::uint64_t h = mix(index_, objects_hash_);
  h = mix(h, static_cast<std::uint64_t>(elapsed_.ns));
  return mix(h, rules_);
}

JobNumber State::find_job(std::string_view id) const {
  auto it = job_by_id_.find(std::string(id));
  return it == job_by_id_.end() ? JobNumber::none() : it->second;
}

NodeNumber State::find_node(std::string_view uuid) const {
  auto it = node_by_id_.find(std::string(uuid));
  return it == node_by_id_.end() ? NodeNumber::none() : it->second;
}

const Receipt* State::find_receipt(std::string_view key) const {
  auto it = receipts_.find(std::string(key));
  return it == receipts_.end() ? nullptr : &it->second;
}

const GroupShape& State::shape_of(const AllocationState& a) const {
  const JobVersion* version = jobs_[a.job.value].version(a.job_version);
  ORCH_ASSERT(version != nullptr, "a job keeps the versions that its allocations run");
  return version->shapes[a.group];
}

const TaskGroup& State::group_of(const AllocationState& a) const {
  const JobVersion* version = jobs_[a.job.value].version(a.job_version);
  ORCH_ASSERT(version != nullptr, "a job keeps the versions that its allocations run");
  return version->job->task_groups[a.group];
}

std::vector<std::uint16_t> State::ports_of(AllocationNumber n) const {
  const AllocationState& a = allocations_[n.value];
  const std::uint32_t count = shape_of(a).port_count();
  return {ports_.begin() + a.ports_begin, ports_.begin() + a.ports_begin + count};
}

Elapsed State::next_deadline() const {
  Elapsed next = Elapsed::never();
  if (!progress_deadlines_.empty()) next = std::min(next, progress_deadlines_.begin()->first);
  if (!reschedules_.empty()) next = std::min(next, reschedules_.begin()->first);
  return next;
}

}  // namespace orch
