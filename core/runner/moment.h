// When an input reaches a state machine of this folder, and the random number that it may use.
//
// Nothing here asks a clock or a generator: the node client fills a Moment from the machine, the simulator from virtual
// time and its seed. `elapsed` is a monotonic count that goes on across restarts of the agent on one boot of the
// machine (CLOCK_BOOTTIME or CLOCK_MONOTONIC); every delay and deadline counts it. `wall` is only ever shown.
#pragma once

#include "core/base/time.h"

namespace orch {

struct Moment {
  WallTime wall;
  Elapsed elapsed;
  double random = 0;  ///< in [0, 1): spreads restarts
};

}  // namespace orch
