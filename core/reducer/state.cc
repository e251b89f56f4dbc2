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

std::unique_ptr<State> State::restore(std::string cluster_id, LogIndex index, std::uint16_t rules, StateColumns columns,
                                      std::vector<ReceiptRow> receipts, Reschedules reschedules) {
  auto state = std::make_unique<State>(std::move(cluster_id));
  state->index_ = index;
  state->rules_ = rules;
  state->columns_ = std::move(columns);
  state->reschedules_ = std::move(reschedules);
  for (ReceiptRow& row : receipts) {
    state->objects_hash_ += digest(row.key, row.receipt);
    state->receipt_ages_.push_back({row.at, row.key});
    state->receipts_[std::move(row.key)] = std::move(row.receipt);
  }
  if (state->receipts_.size() != state->receipt_ages_.size() || !state->derive()) return nullptr;
  return state;
}

bool State::derive() {
  for (std::uint32_t i = 0; i < columns_.jobs.size(); ++i) {
    JobState& job = columns_.jobs[i];
    if (job.versions.empty()) return false;
    const std::size_t groups = job.summary.size();
    for (JobVersion& version : job.versions) {
      version.shapes.clear();
      version.summary_positions.clear();
      for (const TaskGroup& group : version.job->task_groups) {
        version.shapes.push_back(orch::shape_of(group));
        version.summary_positions.push_back(job.summary_position(group.name));
      }
    }
    if (job.summary.size() != groups) return false;  // a version names a group that the summary has not
    job.id_digest = digest_text(job.id);
    if (!job.purged) job_by_id_[job.id] = JobNumber{i};
    objects_hash_ += digest(JobNumber{i}, job);
  }
  for (std::uint32_t i = 0; i < columns_.nodes.size(); ++i) {
    NodeState& node = columns_.nodes[i];
    node.id_digest = digest_text(node.node->id);
    node_by_id_[node.node->id] = NodeNumber{i};
    objects_hash_ += digest(NodeNumber{i}, node);
  }
  for (std::uint32_t i = 0; i < columns_.allocations.size(); ++i) {
    const AllocationState& a = columns_.allocations[i];
    if (a.job.value >= columns_.jobs.size() || a.node.value >= columns_.nodes.size()) return false;
    objects_hash_ += digest(AllocationNumber{i}, a);
  }
  for (std::uint32_t i = 0; i < columns_.evaluations.size(); ++i) {
    const EvaluationNumber n{i};
    const EvaluationState& e = columns_.evaluations[i];
    if (e.job.value >= columns_.jobs.size()) return false;
    // The job names the one that waits: plans and later evaluations find it there.
    if (e.status == EvaluationStatus::pending) {
      if (job(e.job).pending != n) return false;
      pending_.insert({e.priority, n});
    } else if (e.status == EvaluationStatus::blocked) {
      if (job(e.job).blocked != n) return false;
      blocked_.insert(n);
    }
    objects_hash_ += digest(n, e);
  }
  std::size_t named = 0;  // by their jobs
  for (const JobState& job : columns_.jobs) named += (job.pending ? 1u : 0u) + (job.blocked ? 1u : 0u);
  if (named != pending_.size() + blocked_.size()) return false;
  for (std::uint32_t i = 0; i < columns_.deployments.size(); ++i) {
    const DeploymentState& d = columns_.deployments[i];
    if (d.watched != Elapsed::never()) progress_deadlines_.insert({d.watched, DeploymentNumber{i}});
    objects_hash_ += digest(DeploymentNumber{i}, d);
  }
  return true;
}

std::uint64_t State::hash() const {
  std::uint64_t h = mix(index_, objects_hash_);
  h = mix(h, static_cast<std::uint64_t>(columns_.elapsed.ns));
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
  const JobVersion* version = job(a.job).version(a.job_version);
  ORCH_ASSERT(version != nullptr, "a job keeps the versions that its allocations run");
  ORCH_ASSERT(a.group < version->shapes.size(), "an allocation's group is one of its job version's");
  return version->shapes[a.group];
}

const TaskGroup& State::group_of(const AllocationState& a) const {
  const JobVersion* version = job(a.job).version(a.job_version);
  ORCH_ASSERT(version != nullptr, "a job keeps the versions that its allocations run");
  ORCH_ASSERT(a.group < version->job->task_groups.size(), "an allocation's group is one of its job version's");
  return version->job->task_groups[a.group];
}

std::vector<ReceiptRow> State::receipts() const {
  std::vector<ReceiptRow> rows;
  rows.reserve(receipt_ages_.size());
  for (const ReceiptAge& age : receipt_ages_) {
    const Receipt* receipt = find_receipt(age.key);
    ORCH_ASSERT(receipt != nullptr, "an answer is remembered as long as its age is");
    rows.push_back({age.at, age.key, *receipt});
  }
  return rows;
}

std::vector<std::uint16_t> State::ports_of(AllocationNumber n) const {
  const AllocationState& a = allocation(n);
  const std::uint32_t count = shape_of(a).port_count();
  ORCH_ASSERT(std::size_t{a.ports_begin} + count <= columns_.ports.size(), "an allocation's ports are in the column");
  return {columns_.ports.begin() + a.ports_begin, columns_.ports.begin() + a.ports_begin + count};
}

Elapsed State::next_deadline() const {
  Elapsed next = Elapsed::never();
  if (!progress_deadlines_.empty()) next = std::min(next, progress_deadlines_.begin()->first);
  if (!reschedules_.empty()) next = std::min(next, reschedules_.begin()->first);
  return next;
}

}  // namespace orch
