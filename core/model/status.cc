#include "core/model/status.h"

#include <array>
#include <string>

namespace orch {
namespace {

// Every number has a text. One that is no word of its set comes from a record that was written without being
// judged, and whoever reads the history must be able to see it.
std::string_view unknown(std::uint8_t number) {
  static const auto texts = [] {
    std::array<std::string, 256> made;
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = "unknown (" + std::to_string(i) + ")";
    return made;
  }();
  return texts[number];
}

template <class Enum, std::size_t size>
std::string_view pick(Enum value, const std::string_view (&texts)[size]) {
  const auto position = static_cast<std::uint8_t>(value);
  return position < size ? texts[position] : unknown(position);
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
