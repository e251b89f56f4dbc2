// The closed sets of words: statuses, triggers, reasons. Numbers are what records carry: append, never renumber.
// The texts are Nomad's, since scripts match on them.
#pragma once

#include <cstdint>
#include <string_view>

namespace orch {

enum class JobStatus : std::uint8_t { pending, running, dead };
enum class NodeStatus : std::uint8_t { initializing, ready, down };
enum class DesiredStatus : std::uint8_t { run, stop, evict };
enum class ClientStatus : std::uint8_t { pending, running, complete, failed, lost };
enum class Health : std::uint8_t { unset, healthy, unhealthy };
enum class EvaluationStatus : std::uint8_t { pending, blocked, complete, failed, canceled };
enum class DeploymentStatus : std::uint8_t { running, paused, failed, successful, cancelled };
enum class DeploymentAction : std::uint8_t { fail, pause, resume };

enum class Trigger : std::uint8_t {
  job_register,
  job_deregister,
  node_update,
  deployment_watcher,
  alloc_failure,
  queued_allocs,
  rolling_update,
  max_plan_attempts,
};

enum class StopReason : std::uint8_t {
  not_needed,    // job stopped or count lowered
  updated,       // replaced by a newer job version
  lost,          // its node is down
  rescheduled,   // failed and replaced
  migrated,      // its node drains
};

std::string_view text(JobStatus);
std::string_view text(NodeStatus);
std::string_view text(DesiredStatus);
std::string_view text(ClientStatus);
std::string_view text(EvaluationStatus);
std::string_view text(DeploymentStatus);
std::string_view text(Trigger);
/// The sentence shown as an allocation's "Desired Description".
std::string_view text(StopReason);

constexpr bool is_terminal(ClientStatus s) {
  return s == ClientStatus::complete || s == ClientStatus::failed || s == ClientStatus::lost;
}
constexpr bool is_active(DeploymentStatus s) { return s == DeploymentStatus::running || s == DeploymentStatus::paused; }

}  // namespace orch
