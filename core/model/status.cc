#include "core/model/status.h"

#include "core/base/assert.h"

namespace orch {
namespace {

template <class Enum, std::size_t size>
std::string_view pick(Enum value, const std::string_view (&texts)[size]) {
  auto position = static_cast<std::size_t>(value);
  ORCH_ASSERT(position < size, "an enum value has a text");
  return texts[position];
}

}  // namespace

std::string_view text(JobStatus s) { return pick(s, {"pending", "running", "dead"}); }
std::string_view text(NodeStatus s) { return pick(s, {"initializing", "ready", "down"}); }
std::string_view text(DesiredStatus s) { return pick(s, {"run", "stop", "evict"}); }
std::string_view text(ClientStatus s) { return pick(s, {"pending", "running", "complete", "failed", "lost"}); }
std::string_view text(EvaluationStatus s) { return pick(s, {"pending", "blocked", "complete", "failed", "canceled"}); }
std::string_view text(DeploymentStatus s) {
  return pick(s, {"running", "paused", "failed", "successful", "cancelled"});
}
std::string_view text(Trigger t) {
  return pick(t, {"job-register", "job-deregister", "node-update", "deployment-watcher", "alloc-failure",
                  "queued-allocs", "rolling-update", "max-plan-attempts"});
}
std::string_view text(StopReason r) {
  return pick(r, {"alloc not needed due to job update", "alloc is being updated due to job update",
                  "alloc is lost since its node is down", "alloc was rescheduled because it failed",
                  "alloc is being migrated"});
}

}  // namespace orch
