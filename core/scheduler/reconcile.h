// Reconcile: what a job wants × what it has → what must change, before anyone asks where.
//
// A pure function of the state. Per task group it says which allocations stay, move in place to the newest version, are
// replaced or stop, and which names are missing. Semantics: Nomad 0.8's reconciler.
//
// What always holds of the answer: there is one GroupChanges per group of the newest version, in their order; an
// allocation is stopped, moved in place or replaced by an update, never two of these; `desired` counts exactly what the
// lists hold. A stopped job wants nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "core/reducer/state.h"

namespace orch {

struct WantedPlacement {
  std::uint32_t name = 0;       // index in job.group[index]
  AllocationNumber replaces;    // predecessor, if any
  bool updates = false;         // the predecessor is stopped for it, and goes on if no place is found
};

struct WantedStop {
  AllocationNumber allocation;
  StopReason reason = StopReason::not_needed;
  bool lost = false;
};

struct GroupChanges {
  std::uint16_t group = 0;                 // ordinal in the newest job version
  std::vector<AllocationNumber> in_place;  // if the node still meets the new version; else they are replaced
  std::vector<WantedPlacement> place;
  std::vector<WantedStop> stop;            // whatever becomes of the placements
  DesiredUpdates desired;
  std::uint32_t may_replace = 0;           // how many more an update may replace now
  std::uint32_t destructive_in_all = 0;    // with those that max_parallel holds back for later
};

struct Changes {
  std::vector<GroupChanges> groups;     // one per group of the newest version
  std::vector<WantedStop> stop;         // of groups that the newest version no longer has
  bool create_deployment = false;
};

/// `job` is the state's, or (for a dry run) a copy of it with one more version.
Changes reconcile(const State& state, const JobState& job);

}  // namespace orch
