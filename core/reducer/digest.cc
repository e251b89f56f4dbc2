#include "core/reducer/digest.h"

namespace orch {

std::uint64_t digest(JobNumber n, const JobState& job) {
  std::uint64_t h = mix(1, n.value);
  h = mix(h, job.id_digest);
  for (const JobVersion& v : job.versions) {
    h = mix(h, v.version * 2ull + (v.stable ? 1 : 0));
    h = mix(h, v.job_modify_index);
  }
  h = mix(h, job.create_index);
  h = mix(h, job.modify_index);
  h = mix(h, (job.stopped ? 1 : 0) | (job.purged ? 2 : 0) | static_cast<std::uint64_t>(job.status) << 2);
  h = mix(h, job.deployment.value);
  h = mix(h, static_cast<std::uint64_t>(job.pending.value) << 32 | job.blocked.value);
  for (std::size_t i = 0; i < job.summary.size(); ++i) h += digest_summary(n, i, job.summary[i]);
  return h;
}

std::uint64_t digest_summary(JobNumber n, std::size_t position, const GroupSummary& s) {
  std::uint64_t h = mix(6 + (position << 8), n.value);
  h = mix(h, static_cast<std::uint64_t>(s.queued) << 32 | s.starting);
  h = mix(h, static_cast<std::uint64_t>(s.running) << 32 | s.failed);
  return mix(h, static_cast<std::uint64_t>(s.complete) << 32 | s.lost);
}

std::uint64_t digest(NodeNumber n, const NodeState& node) {
  std::uint64_t h = mix(2, n.value);
  h = mix(h, node.id_digest);
  h = mix(h, static_cast<std::uint64_t>(node.status) * 2 + (node.eligible ? 1 : 0));
  h = mix(h, node.create_index);
  h = mix(h, node.modify_index);
  if (!node.secret_digest.empty()) h = mix(h, digest_text(node.secret_digest));
  return h + digest_use(n, node);
}

std::uint64_t digest_use(NodeNumber n, const NodeState& node) {
  const auto cpu = static_cast<std::uint64_t>(node.cpu_used), memory = static_cast<std::uint64_t>(node.memory_used_mb);
  const auto disk = static_cast<std::uint64_t>(node.disk_used_mb), mbits = static_cast<std::uint64_t>(node.mbits_used);
  std::uint64_t h = mix(7 + (cpu << 8), static_cast<std::uint64_t>(n.value) << 32 ^ memory);
  h = mix(h, disk << 20 ^ mbits);
  return mix(h, node.ports.size() << 32 | node.allocations.size());
}

std::uint64_t digest(AllocationNumber n, const AllocationState& a) {
  std::uint64_t h = mix(3, static_cast<std::uint64_t>(n.value) << 32 | a.job.value);
  h = mix(h, static_cast<std::uint64_t>(a.node.value) << 32 | a.evaluation.value);
  h = mix(h, static_cast<std::uint64_t>(a.deployment.value) << 32 | a.job_version);
  h = mix(h, static_cast<std::uint64_t>(a.previous.value) << 32 | a.next.value);
  h = mix(h, static_cast<std::uint64_t>(a.name) << 32 | static_cast<std::uint64_t>(a.group) << 16 | a.score);
  return mix(h, a.modify_index << 16 | static_cast<std::uint64_t>(a.desired) << 12 |
                    static_cast<std::uint64_t>(a.client) << 8 | static_cast<std::uint64_t>(a.health) << 4 |
                    static_cast<std::uint64_t>(a.reason));
}

std::uint64_t digest(EvaluationNumber n, const EvaluationState& e) {
  std::uint64_t h = mix(4, static_cast<std::uint64_t>(n.value) << 32 | e.job.value);
  h = mix(h, static_cast<std::uint64_t>(e.previous.value) << 32 | e.next.value);
  h = mix(h, static_cast<std::uint64_t>(e.blocked.value) << 32 | e.deployment.value);
  h = mix(h, static_cast<std::uint64_t>(e.trigger) << 8 | static_cast<std::uint64_t>(e.status));
  h = mix(h, e.create_index);
  h = mix(h, e.modify_index);
  return e.refused_plans == 0 ? h : mix(mix(h, e.refused_plans), e.refused_decision);
}

std::uint64_t digest(DeploymentNumber n, const DeploymentState& d) {
  std::uint64_t h = mix(5, static_cast<std::uint64_t>(n.value) << 32 | d.job.value);
  h = mix(h, static_cast<std::uint64_t>(d.job_version) << 8 | static_cast<std::uint64_t>(d.status));
  h = mix(h, d.modify_index);
  for (const DeploymentGroup& g : d.groups) {
    h = mix(h, static_cast<std::uint64_t>(g.desired) << 32 | g.placed);
    h = mix(h, static_cast<std::uint64_t>(g.healthy) << 32 | g.unhealthy);
    h = mix(h, static_cast<std::uint64_t>(g.require_progress_by.ns));
  }
  return h;
}

std::uint64_t digest(const std::string& key, const Receipt& receipt) {
  std::uint64_t h = mix(8, digest_text(key));
  h = mix(h, receipt.index);
  h = mix(h, digest_text(receipt.refusal));
  h = mix(h, receipt.evaluation.value);
  h = mix(h, receipt.job_modify_index);
  return receipt.request_digest == 0 ? h : mix(h, receipt.request_digest);
}

}  // namespace orch
