// Placing with simulated nodes, from the first PUT until all is placed, durable and queryable, and on until all is
// reported running.
#pragma once

#include <string>

#include "tests/bench/bench.h"

namespace orch::bench {

struct Shape {
  std::string name;
  int nodes, node_cpu, node_memory, jobs, count, cpu, memory;
  bool all_classes;  ///< each job is bound to one of three classes in turn; else all to the first
};

struct Measured {
  double placed_s, running_s, user_placing, user_running, sim_user, anon_placed, anon_peak;
  std::string data_dir;  ///< what the agent left
};

/// Starts an agent and its nodes, places the jobs, waits until all run. `run` tells data folders of one shape apart.
Measured place(Setting& setting, const Shape& shape, const std::string& run);

/// 5,000 nodes and a million allocations: done once for all benches that look at it.
struct Million {
  Shape shape;
  Measured measured;
};
const Million& million(Setting& setting);

}  // namespace orch::bench
