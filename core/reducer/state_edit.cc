#include "core/reducer/state_edit.h"

#include <algorithm>

namespace orch {
namespace {

constexpr std::size_t kept_receipts = 1'000'000;
constexpr Duration receipt_life = hours(24);

std::uint32_t& counter(GroupSummary& summary, ClientStatus status) {
  switch (status) {
    case ClientStatus::pending: return summary.starting;
    case ClientStatus::running: return summary.running;
    case ClientStatus::complete: return summary.complete;
    case ClientStatus::failed: return summary.failed;
    case ClientStatus::lost: break;
  }
  return summary.lost;
}

}  // namespace

StateEdit::StateEdit(State& state, LogIndex index, Elapsed elapsed, WallTime wall, Outcome& outcome)
    : state_(state), outcome_(outcome) {
  ORCH_ASSERT(index == state.index() + 1, "groups are applied in order, each once");
  state_.index_ = index;
  state_.columns_.elapsed = std::max(state_.columns_.elapsed, elapsed);
  state_.columns_.wall = wall;
}

template <class F>
void StateEdit::change_summary(JobNumber n, std::uint16_t position, F&& f) {
  JobState& job = state_.columns_.jobs[n.value];
  ORCH_ASSERT(position < job.summary.size(), "a job's summary has an entry for each of its groups");
  GroupSummary& summary = job.summary[position];
  state_.objects_hash_ -= digest_summary(n, position, summary);
  f(summary);
  state_.objects_hash_ += digest_summary(n, position, summary);
  job.summary_index = index();
}

template <class F>
void StateEdit::change_use(NodeNumber n, F&& f) {
  NodeState& node = state_.columns_.nodes[n.value];
  state_.objects_hash_ -= digest_use(n, node);
  f(node);
  state_.objects_hash_ += digest_use(n, node);
  node.allocations_index = index();
}

// ---- jobs ----

JobNumber StateEdit::add_job(JobState job) {
  job.id_digest = digest_text(job.id);
  const JobNumber n{append(state_.columns_.jobs, std::move(job))};
  state_.objects_hash_ += digest(n, state_.job(n));
  const bool made = state_.job_by_id_.emplace(state_.job(n).id, n).second;
  ORCH_ASSERT(made, "an id stands for one job at a time");
  return n;
}

void StateEdit::purge(JobNumber n) {
  const auto it = state_.job_by_id_.find(state_.job(n).id);
  ORCH_ASSERT(it != state_.job_by_id_.end() && it->second == n, "a job has its id until it is purged");
  state_.job_by_id_.erase(it);
  auto set = [](JobState& job) { job.purged = true; };
  changing(state_.columns_.jobs, n, set);
}

void StateEdit::add_to_current(JobNumber n, AllocationNumber first, std::uint32_t count) {
  ORCH_ASSERT(std::size_t{first.value} + count == state_.allocations().size(), "the newest allocations are added");
  auto& current = state_.columns_.jobs[n.value].current;
  ORCH_ASSERT(current.empty() || current.back() < first, "a job's current allocations are in order of number");
  for (std::uint32_t i = 0; i < count; ++i) current.push_back(AllocationNumber{first.value + i});
  // One plan places allocations of one group at a time, so one change of the summary does for all.
  change_summary(n, state_.allocation(first).summary, [&](GroupSummary& summary) { summary.starting += count; });
}

void StateEdit::drop_from_current(JobNumber n, std::vector<AllocationNumber>& gone) {
  std::sort(gone.begin(), gone.end());
  auto next = gone.begin();
  std::erase_if(state_.columns_.jobs[n.value].current, [&](AllocationNumber a) {  // both are sorted
    while (next != gone.end() && *next < a) ++next;
    return next != gone.end() && *next == a;
  });
}

// ---- nodes ----

NodeNumber StateEdit::add_node(NodeState node) {
  node.id_digest = digest_text(node.node->id);
  const NodeNumber n{append(state_.columns_.nodes, std::move(node))};
  state_.objects_hash_ += digest(n, state_.node(n));
  const bool made = state_.node_by_id_.emplace(state_.node(n).node->id, n).second;
  ORCH_ASSERT(made, "an id stands for one node");
  state_.columns_.nodes_index = index();
  return n;
}

// ---- allocations ----

AllocationNumber StateEdit::add_allocation(AllocationState a, const std::uint16_t* ports, const GroupShape& shape) {
  ORCH_ASSERT(a.holds_room(), "an allocation begins wanted and not ended");
  std::vector<std::uint16_t>& column = state_.columns_.ports;
  a.ports_begin = static_cast<std::uint32_t>(column.size());
  column.insert(column.end(), ports, ports + shape.port_count());
  const AllocationNumber n{append(state_.columns_.allocations, a)};
  state_.objects_hash_ += digest(n, state_.allocation(n));
  take_room(n, shape);
  return n;
}

void StateEdit::take_room(AllocationNumber n, const GroupShape& shape) {
  const AllocationState& a = state_.allocation(n);
  change_use(a.node, [&](NodeState& node) {
    node.cpu_used += shape.cpu;
    node.memory_used_mb += shape.memory_mb;
    node.disk_used_mb += shape.disk_mb;
    node.mbits_used += shape.mbits;
    const std::uint16_t* ports = state_.columns_.ports.data() + a.ports_begin;
    for (std::uint32_t i = 0; i < shape.port_count(); ++i) {
      const auto it = std::lower_bound(node.ports.begin(), node.ports.end(), ports[i]);
      ORCH_ASSERT(it == node.ports.end() || *it != ports[i], "a port is in use once on a node");
      node.ports.insert(it, ports[i]);
    }
    node.allocations.push_back(n);
  });
  ++state_.columns_.jobs[a.job.value].live;
}

void StateEdit::give_room_back(AllocationNumber n) {
  const AllocationState& a = state_.allocation(n);
  ORCH_ASSERT(a.holds_room(), "only room that is held is given back");
  const GroupShape& shape = state_.shape_of(a);
  change_use(a.node, [&](NodeState& node) {
    node.cpu_used -= shape.cpu;
    node.memory_used_mb -= shape.memory_mb;
    node.disk_used_mb -= shape.disk_mb;
    node.mbits_used -= shape.mbits;
    const std::uint16_t* ports = state_.columns_.ports.data() + a.ports_begin;
    for (std::uint32_t i = 0; i < shape.port_count(); ++i) {
      const auto it = std::lower_bound(node.ports.begin(), node.ports.end(), ports[i]);
      ORCH_ASSERT(it != node.ports.end() && *it == ports[i], "an allocation's ports are in use on its node");
      node.ports.erase(it);
    }
    const std::size_t erased = std::erase(node.allocations, n);
    ORCH_ASSERT(erased == 1, "a node names each allocation that holds room on it, once");
  });
  std::uint32_t& live = state_.columns_.jobs[a.job.value].live;
  ORCH_ASSERT(live > 0, "a job counts its allocations that hold room");
  --live;
  if (state_.node(a.node).ready()) note_room();  // else nobody can have it before the node is back
}

void StateEdit::reorder_ports(AllocationNumber n, const std::vector<std::uint32_t>& from) {
  const AllocationState& a = state_.allocation(n);
  std::vector<std::uint16_t>& column = state_.columns_.ports;
  ORCH_ASSERT(a.ports_begin + from.size() <= column.size(), "an allocation's ports are in the column");
  const auto own = column.begin() + a.ports_begin;
  const std::vector<std::uint16_t> before(own, own + static_cast<std::ptrdiff_t>(from.size()));
  for (std::size_t i = 0; i < from.size(); ++i) {
    ORCH_ASSERT(from[i] < before.size(), "a port comes from among the same ports");
    own[static_cast<std::ptrdiff_t>(i)] = before[from[i]];
  }
}

void StateEdit::stop(AllocationNumber n, StopReason reason) {
  ORCH_ASSERT(state_.allocation(n).desired == DesiredStatus::run, "an allocation is stopped once");
  if (state_.allocation(n).holds_room()) give_room_back(n);
  auto set = [&](AllocationState& a) {
    a.desired = DesiredStatus::stop;
    a.reason = reason;
    a.modify_index = index();
  };
  changing(state_.columns_.allocations, n, set);
}

void StateEdit::set_client(AllocationNumber n, ClientStatus status) {
  const AllocationState a = state_.allocation(n);
  if (a.holds_room() && is_terminal(status)) give_room_back(n);
  change_summary(a.job, a.summary, [&](GroupSummary& summary) {
    ORCH_ASSERT(counter(summary, a.client) > 0, "a job's summary counts each of its allocations");
    --counter(summary, a.client);
    ++counter(summary, status);
  });
  auto set = [&](AllocationState& changed) {
    changed.client = status;
    changed.modify_index = index();
  };
  changing(state_.columns_.allocations, n, set);
}

// ---- answers, rules ----

void StateEdit::remember(const std::string& key, Receipt receipt) {
  ORCH_ASSERT(!key.empty() && state_.find_receipt(key) == nullptr, "an answer is remembered once, under a key");
  if (state_.receipt_ages_.size() >= kept_receipts) forget_oldest_receipt();
  state_.objects_hash_ += digest(key, receipt);
  state_.receipts_[key] = std::move(receipt);
  state_.receipt_ages_.push_back({now(), key});
}

void StateEdit::forget_old_receipts() {
  while (!state_.receipt_ages_.empty() && now() - state_.receipt_ages_.front().at > receipt_life)
    forget_oldest_receipt();
}

void StateEdit::forget_oldest_receipt() {
  const auto it = state_.receipts_.find(state_.receipt_ages_.front().key);
  ORCH_ASSERT(it != state_.receipts_.end(), "a receipt is kept as long as its age is");
  state_.objects_hash_ -= digest(it->first, it->second);
  state_.receipts_.erase(it);
  state_.receipt_ages_.pop_front();
}

void StateEdit::raise_rules(std::uint16_t version) {
  ORCH_ASSERT(version > state_.rules_, "rules never step back");
  state_.rules_ = version;
}

}  // namespace orch
