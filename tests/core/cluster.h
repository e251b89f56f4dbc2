// A little language for tests of the reducer and the scheduler: a state, a log index and an elapsed clock that tests
// move.
#pragma once

#include <string>

#include "core/log/record.h"
#include "core/model/tables.h"
#include "core/reducer/apply.h"
#include "core/reducer/fold.h"
#include "core/scheduler/schedule.h"

namespace orch::test {

class Cluster {
 public:
  State state{"test"};
  Outcome outcome;
  Elapsed now;
  std::uint16_t rules = newest_rules;  ///< of the groups from here on

  const CommandOutcome& apply(GroupBuilder& group, const std::string& key = {}, std::uint64_t request_digest = 0) {
    std::string bytes = group.finish({.idempotency_key = key, .request_digest = request_digest});
    stamp(bytes, {1'000'000'000 + now.ns}, now, rules);
    REQUIRE(verify(bytes_of(bytes)));
    orch::apply(state, state.index() + 1, group_in(bytes_of(bytes)), outcome);
    return outcome.commands.front();
  }

  const CommandOutcome& run(const Job& job) {
    GroupBuilder group;
    group.register_job(job, false, 0);
    return apply(group);
  }

  const CommandOutcome& stop(const std::string& id, bool purge = false) {
    GroupBuilder group;
    group.deregister_job(id, purge);
    return apply(group);
  }

  NodeNumber add_node(const std::string& name, int cpu = 4000, int memory = 8192) {
    Node node;
    node.id = node.name = name;
    node.attributes["driver.mock_driver"] = "1";
    node.attributes["kernel.name"] = "linux";
    node.resources = {.cpu = cpu, .disk_mb = 100 * 1024, .memory_mb = memory, .networks = {{.mbits = 1000}}};
    GroupBuilder group;
    group.register_node(node.id, node);
    apply(group);
    return state.find_node(name);
  }

  void node_down(const std::string& name) {
    GroupBuilder group;
    group.set_node_status(name, NodeStatus::down);
    apply(group);
  }

  /// Plans every pending evaluation until none is left.
  void schedule() {
    for (int turns = 0; !state.pending().empty(); ++turns) {
      REQUIRE(turns < 1000);
      const Plan plan = orch::schedule(state, state.pending().begin()->evaluation);
      GroupBuilder group;
      group.add(encode(group.flat(), plan));
      CHECK(apply(group).refusal == "");
    }
  }

  void report(AllocationNumber n, ClientStatus status, Health health = Health::unset) {
    GroupBuilder group;
    auto& b = group.flat();
    const auto allocations = b.CreateVector(std::vector<std::uint32_t>{n.value});
    const auto statuses = b.CreateVector(std::vector<std::uint8_t>{static_cast<std::uint8_t>(status)});
    const auto healths = b.CreateVector(std::vector<std::uint8_t>{static_cast<std::uint8_t>(health)});
    group.add(wire::CreateUpdateAllocations(b, state.allocation(n).node.value, allocations, statuses, healths));
    apply(group);
  }

  void tick(Duration by) {
    now = now + by;
    GroupBuilder group;
    group.tick("test");
    apply(group);
  }

  const JobState& job(const std::string& id) const { return state.job(state.find_job(id)); }
};

/// A service job of one group "g" with one task "t" of the mock driver.
inline Job service(const std::string& id, int count) {
  Job job;
  job.id = job.name = id;
  job.datacenters = {"dc1"};
  TaskGroup group;
  group.name = "g";
  group.count = count;
  Task task;
  task.name = "t";
  task.driver = "mock_driver";
  task.resources.cpu = 100;
  task.resources.memory_mb = 100;
  group.tasks.push_back(task);
  group.reschedule = ReschedulePolicy{.attempts = 1,
                                      .interval = hours(1),
                                      .delay = seconds(5),
                                      .max_delay = {},
                                      .delay_function = "constant",
                                      .unlimited = false};
  job.task_groups.push_back(group);
  return job;
}

inline Job rolling(Job job, int max_parallel) {
  UpdateStrategy update;
  update.max_parallel = max_parallel;
  update.progress_deadline = minutes(10);
  job.task_groups[0].update = update;
  return job;
}

}  // namespace orch::test
