// What happened: the reducer's answer to a record group, as references into the state right after it.
//
// Views, the event stream and the loop read these; they hold no copies, so they are valid until the next `apply`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/reducer/state.h"

namespace orch {

enum class EventKind : std::uint8_t {
  job_registered,      // number: job; a new version or a first one
  job_deregistered,    // number: job
  job_changed,         // number: job; status, stability or summary
  node_registered,     // number: node
  node_changed,        // number: node; status or eligibility
  evaluation_changed,  // number: evaluation; created or changed
  deployment_changed,  // number: deployment; created or changed
  allocations_placed,  // number: first allocation, count: how many, dense
  allocation_desired,  // number: allocation; stop, in-place update, replaced
  allocation_client,   // number: allocation; what its client reported
  services_changed,    // number: node
  allocation_health,   // number: allocation; health that people set
};

struct Event {
  EventKind kind;
  std::uint32_t number = 0;
  std::uint32_t count = 1;
  std::uint32_t command = 0;  // ordinal of the command in its group
  std::uint32_t row = 0;      // of a client report: its row in the command's columns
  bool health = false;        // of a client report: the allocation's health is another one now
};

/// What one command came to. A refusal is recorded by the command itself: replay refuses it again, the same way.
struct CommandOutcome {
  std::string refusal;  // empty: accepted
  bool repeated = false;
  LogIndex first_index = 0;  // of a repeat: where the first stands
  bool key_taken = false;    // refused because its key stands for another request
  EvaluationNumber evaluation;
  LogIndex job_modify_index = 0;
  std::uint32_t refused_placements = 0;
};

struct Outcome {
  std::vector<CommandOutcome> commands;
  std::vector<Event> events;
  void clear() {
    commands.clear();
    events.clear();
  }
};

}  // namespace orch
