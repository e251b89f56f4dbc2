#include "core/reducer/state_edit.h"

#include <algorithm>

#include "core/base/assert.h"

namespace orch {
namespace {

constexpr std::size_t kept_receipts = 1'000'000;
constexpr Duration receipt_life = hours(24);

}  // namespace

template <class Column, class Object>
std::uint32_t StateEdit::append(Column& column, Object object) {
  ORCH_ASSERT(column.size() < 0xfffffffe, "numbers of a kind fit in 32 bits");
  column.push_back(std::move(object));
  return static_cast<std::uint32_t>(column.size() - 1);
}

JobNumber StateEdit::add_job(JobState job) {
  job.id_digest = digest_text(job.id);
  JobNumber n{append(state_.jobs_, std::move(job))};
  state_.objects_hash_ += digest(n, state_.job(n));
  state_.job_by_id_[state_.job(n).id] = n;
  return n;
}

NodeNumber StateEdit::add_node(NodeState node) {
  node.id_digest = digest_text(node.node->id);
  NodeNumber n{append(state_.nodes_, std::move(node))};
  state_.objects_hash_ += digest(n, state_.node(n));
  state_.node_by_id_[state_.node(n).node->id] = n;
  state_.nodes_index_ = index_;
  return n;
}

EvaluationNumber StateEdit::add_evaluation(EvaluationState evaluation) {
  EvaluationNumber n{append(state_.evaluations_, std::move(evaluation))};
  state_.objects_hash_ += digest(n, state_.evaluation(n));
  return n;
}

DeploymentNumber StateEdit::add_deployment(DeploymentState deployment) {
  DeploymentNumber n{append(state_.deployments_, std::move(deployment))};
  state_.objects_hash_ += digest(n, state_.deployment(n));
  return n;
}

AllocationNumber StateEdit::add_allocation(AllocationState a, const std::uint16_t* ports, std::uint32_t port_count) {
  a.ports_begin = static_cast<std::uint32_t>(state_.ports_.size());
  state_.ports_.insert(state_.ports_.end(), ports, ports + port_count);
  AllocationNumber n{append(state_.allocations_, a)};
  state_.objects_hash_ += digest(n, state_.allocation(n));
  return n;
}

void StateEdit::forget_job_id(JobNumber n) { state_.job_by_id_.erase(state_.job(n).id); }

void StateEdit::remember(const std::string& key, Receipt receipt) {
  if (key.empty()) return;
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

void StateEdit::set_time(Elapsed elapsed, WallTime wall) {
  if (elapsed > state_.elapsed_) state_.elapsed_ = elapsed;
  state_.wall_ = wall;
}

}  // namespace orch
