// A simulated node: the real state machines of the node client, tasks that only pretend, and the faults of a machine.
//
// What a task does is said by its environment: SIM = "run", "exit N", "fail N" (seconds until it ends) or "nostart".
// The agent on the node can be killed (only stored snapshots and running tasks survive it), the machine can die (tasks
// too) or be cut off (tasks go on, nobody hears of them).
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/runner/alloc_runner.h"
#include "tests/sim/agenda.h"
#include "tests/sim/dice.h"
#include "tests/sim/servers.h"

namespace orch::sim {

struct Machine {
  std::string id, node_class, rack;
  std::int32_t cpu = 0, memory_mb = 0;
};

class FakeNode {
 public:
  FakeNode(Machine machine, Agenda& agenda, Servers& servers, Dice dice);

  /// Registers, and takes up what it has: at first, and after it was away.
  void come_back();
  /// Silent from now on; with `tasks_die` the machine itself is gone.
  void go_away(bool tasks_die);
  void kill_agent();
  /// What it asked the servers may have been lost with them: registers and tells everything again.
  void servers_crashed();
  bool is_here() const { return here_; }

  /// The servers want something else of this node than before: called when its assignments changed.
  void sync();

  const std::string& id() const { return machine_.id; }
  /// Tasks that run, by allocation.
  std::map<std::uint32_t, std::size_t> running() const;
  /// Whether something is on its way to the servers that they were not told of this allocation yet.
  bool has_news(std::uint32_t allocation) const {
    const auto it = allocations_.find(allocation);
    return it != allocations_.end() && it->second.has_news;
  }

 private:
  struct Running {
    std::uint32_t allocation;
    std::string task;
  };
  struct Held {
    std::optional<AllocRunner> runner;
    AllocAssignment assignment;  // kept on the node's disk, as the snapshot is: servers forget old job versions
    std::string stored;
    std::uint32_t job_version = 0;
    std::map<std::string, std::deque<Action>> asked;  // by task, in order
    std::map<std::string, bool> busy;
    bool has_news = false;   // that were not sent yet
    std::uint64_t life = 0;  // of the agent that this runner belongs to
  };

  Moment moment();
  void restart(std::uint32_t n);
  AllocAssignment assignment_of(std::uint32_t n) const;
  void carry_out(std::uint32_t n, const Actions& actions);
  void work_on(std::uint32_t n, const std::string& task);
  void finish(std::uint32_t n, const Action& action);
  void start_task(std::uint32_t n, const std::string& task);
  void end_by_itself(const std::string& handle, int exit_code);
  void report(std::uint32_t n);
  void send_report(std::uint32_t n, std::uint64_t life);
  Held* held(std::uint32_t n);
  /// Runs `act` later, unless the agent has died meanwhile.
  void later(Duration delay, std::function<void()> act);

  Machine machine_;
  Agenda& agenda_;
  Servers& servers_;
  Dice dice_;
  bool here_ = false;
  std::uint64_t life_ = 1;  // counts agents
  std::uint64_t boot_ = 1;  // counts them
  std::uint64_t starts_ = 0;
  std::map<std::uint32_t, Held> allocations_;
  std::map<std::string, Running> running_;  // by handle
};

}  // namespace orch::sim
