#include "tests/sim/fake_node.h"

#include <algorithm>
#include <charconv>

#include "core/base/assert.h"
#include "core/log/record.h"
#include "core/model/tables.h"
#include "core/runner/snapshot_json.h"

namespace orch::sim {

FakeNode::FakeNode(Machine machine, Agenda& agenda, Servers& servers, Dice dice)
    : machine_(std::move(machine)), agenda_(agenda), servers_(servers), dice_(dice) {}

Moment FakeNode::moment() { return {.wall = {agenda_.now().ns}, .elapsed = agenda_.now(), .random = dice_.fraction()}; }

void FakeNode::later(Duration delay, std::function<void()> act) {
  agenda_.after(delay, [this, life = life_, act = std::move(act)] {
    if (life == life_) act();
  });
}

FakeNode::Held* FakeNode::held(std::uint32_t n) {
  const auto it = allocations_.find(n);
  return it == allocations_.end() ? nullptr : &it->second;
}

void FakeNode::come_back() {
  if (here_) return;
  here_ = true;
  Node node;
  node.id = node.name = machine_.id;
  node.attributes["driver.mock_driver"] = "1";
  node.attributes["kernel.name"] = "linux";
  node.meta["rack"] = machine_.rack;
  node.node_class = machine_.node_class;
  node.resources = {.cpu = machine_.cpu,
                    .disk_mb = 100 * 1024,
                    .memory_mb = machine_.memory_mb,
                    .networks = {{.device = "eth0", .ip = "10.0.0.1", .mbits = 1000}}};
  GroupBuilder group;
  group.register_node(node.id, node);
  servers_.submit(group.finish({.actor = "node " + machine_.id}), [this, life = life_](const auto& answered) {
    if (life != life_) return;
    if (!answered) {
      here_ = false;
      return later(seconds(1), [this] { come_back(); });
    }
    later(milliseconds(20), [this] {
      for (auto& [n, held] : allocations_) {
        if (held.life != life_) restart(n);
      }
      sync();
      for (auto& [n, held] : allocations_) report(n);  // whatever happened while nobody listened
    });
  });
}

// After the agent's own death: from the stored snapshot, as the node client does it.
void FakeNode::restart(std::uint32_t n) {
  Held& h = allocations_.at(n);
  h.asked.clear();
  h.busy.clear();
  h.life = life_;
  const auto snapshot = snapshot_from_json(h.stored);
  ORCH_ASSERT(snapshot.has_value(), "a stored snapshot is read again");
  h.runner.emplace(h.assignment, *snapshot, moment());
  std::erase_if(running_, [&](const auto& run) {
    const auto& tasks = h.runner->tasks();
    const auto task = tasks.find(run.second.task);
    return run.second.allocation == n && (task == tasks.end() || task->second.handle() != run.first);
  });
  carry_out(n, h.runner->resume(moment()));
}

void FakeNode::go_away(bool tasks_die) {
  if (!here_) return;
  here_ = false;
  if (!tasks_die) return;
  ++life_;
  ++boot_;
  running_.clear();
}

void FakeNode::kill_agent() {
  if (!here_) return;
  here_ = false;
  ++life_;
  agenda_.after(milliseconds(dice_.between(50, 3000)), [this, life = life_] {
    if (life == life_) come_back();
  });
}

void FakeNode::servers_crashed() {
  if (!here_) return;
  here_ = false;
  later(milliseconds(dice_.between(100, 2000)), [this] { come_back(); });
}

AllocAssignment FakeNode::assignment_of(std::uint32_t n) const {
  const AllocationState& a = servers_.state().allocations()[n];
  const JobState& job = servers_.state().job(a.job);
  const JobVersion* version = job.version(a.job_version);
  ORCH_ASSERT(version != nullptr, "a wanted allocation's job version is kept");
  return {.alloc_id = "a" + std::to_string(n),
          .job = version->job,
          .group_name = version->job->task_groups[a.group].name,
          .deployment_id = a.deployment ? "d" + std::to_string(a.deployment.value) : std::string()};
}

void FakeNode::sync() {
  if (!here_) return;
  const State& state = servers_.state();
  const NodeNumber self = state.find_node(machine_.id);
  if (!self) return;
  std::vector<std::uint32_t> wanted;
  for (AllocationNumber n : state.node(self).allocations) wanted.push_back(n.value);
  for (std::uint32_t n : wanted) {
    Held* known = held(n);
    const AllocationState& a = state.allocations()[n];
    if (known == nullptr) {
      Held& h = allocations_[n];
      h.life = life_;
      h.job_version = a.job_version;
      h.assignment = assignment_of(n);
      h.runner.emplace(h.assignment, moment());
      carry_out(n, h.runner->start(moment()));
    } else if (known->life == life_ && known->job_version != a.job_version) {
      known->job_version = a.job_version;
      known->assignment = assignment_of(n);
      carry_out(n, known->runner->update(moment(), known->assignment));
    }
  }
  std::vector<std::uint32_t> stop;
  for (auto& [n, h] : allocations_) {
    const bool is_wanted = std::find(wanted.begin(), wanted.end(), n) != wanted.end();
    if (!is_wanted && h.life == life_ && !h.runner->is_stopping() && !h.runner->is_finished()) stop.push_back(n);
  }
  for (std::uint32_t n : stop) carry_out(n, allocations_.at(n).runner->stop(moment()));
}

void FakeNode::carry_out(std::uint32_t n, const Actions& actions) {
  for (const Action& action : actions) {
    Held& h = allocations_.at(n);
    switch (action.kind) {
      case ActionKind::persist:
        h.stored = snapshot_to_json(h.runner->snapshot());
        break;
      case ActionKind::report:
        report(n);
        break;
      case ActionKind::set_timer: {
        const Duration delay{std::max<std::int64_t>(0, action.deadline.ns - agenda_.now().ns)};
        later(delay, [this, n, task = action.task] {
          if (Held* found = held(n)) carry_out(n, found->runner->timer_due(moment(), task));
        });
        break;
      }
      case ActionKind::start_driver:
      case ActionKind::recover_driver:
      case ActionKind::stop_driver:
        h.asked[action.task].push_back(action);
        work_on(n, action.task);
        break;
      case ActionKind::destroy:
        running_.erase(action.handle);
        break;
      case ActionKind::signal_driver:
      case ActionKind::set_services:
      case ActionKind::remove_services:
        break;
    }
  }
}

// Actions of one task one after the other, each taking its time.
void FakeNode::work_on(std::uint32_t n, const std::string& task) {
  Held& h = allocations_.at(n);
  if (h.busy[task] || h.asked[task].empty()) return;
  h.busy[task] = true;
  const Action action = h.asked[task].front();
  h.asked[task].pop_front();
  later(milliseconds(dice_.between(5, action.kind == ActionKind::recover_driver ? 50 : 1500)), [this, n, action] {
    if (held(n) == nullptr) return;
    allocations_.at(n).busy[action.task] = false;
    finish(n, action);
    if (held(n) != nullptr) work_on(n, action.task);
  });
}

void FakeNode::finish(std::uint32_t n, const Action& action) {
  AllocRunner& runner = *allocations_.at(n).runner;
  if (action.kind == ActionKind::start_driver) return start_task(n, action.task);
  if (action.kind == ActionKind::recover_driver) {
    if (running_.contains(action.handle)) return carry_out(n, runner.recovered(moment(), action.task));
    return carry_out(n, runner.recover_failed(moment(), action.task, "the task is gone"));
  }
  const bool ran = running_.erase(action.handle) > 0;
  if (ran) carry_out(n, runner.exited(moment(), action.task, action.handle, {.exit_code = 0, .signal = 15}));
  carry_out(n, runner.kill_finished(moment(), action.task, action.handle, ""));
}

void FakeNode::start_task(std::uint32_t n, const std::string& task) {
  AllocRunner& runner = *allocations_.at(n).runner;
  std::string behaviour = "run";
  for (const Task& t : runner.assignment().group()->tasks) {
    if (t.name == task && t.env.contains("SIM")) behaviour = t.env.at("SIM");
  }
  if (behaviour == "nostart") {
    const bool may_be_tried_again = dice_.one_in(2);
    return carry_out(n, runner.driver_start_failed(moment(), task, {"no such program", may_be_tried_again}));
  }
  const std::string handle = machine_.id + "-" + std::to_string(++starts_);
  running_[handle] = {n, task};
  const std::size_t blank = behaviour.find(' ');
  if (blank != std::string::npos) {
    std::int64_t lasts = 0;
    std::from_chars(behaviour.data() + blank + 1, behaviour.data() + behaviour.size(), lasts);
    const int code = behaviour.starts_with("exit") ? 0 : 1;
    agenda_.after(seconds(lasts), [this, handle, code, boot = boot_] {
      if (boot == boot_) end_by_itself(handle, code);
    });
  }
  carry_out(n, runner.driver_started(moment(), task, handle));
}

void FakeNode::end_by_itself(const std::string& handle, int exit_code) {
  const auto it = running_.find(handle);
  if (it == running_.end()) return;
  const Running run = it->second;
  running_.erase(it);
  Held* h = held(run.allocation);
  // An agent that is dead hears of it when it takes its tasks up again.
  if (h != nullptr && h->life == life_)
    carry_out(run.allocation, h->runner->exited(moment(), run.task, handle, {.exit_code = exit_code}));
}

void FakeNode::report(std::uint32_t n) {
  allocations_.at(n).has_news = true;
  later(milliseconds(50), [this, n, life = life_] { send_report(n, life); });
}

void FakeNode::send_report(std::uint32_t n, std::uint64_t life) {
  const NodeNumber self = servers_.state().find_node(machine_.id);
  if (!here_ || life != life_ || held(n) == nullptr || !self || allocations_.at(n).life != life_) return;
  allocations_.at(n).has_news = false;
  const AllocRunner& runner = *allocations_.at(n).runner;
  GroupBuilder group;
  auto& b = group.flat();
  const auto numbers = b.CreateVector(std::vector<std::uint32_t>{n});
  const auto statuses = b.CreateVector(std::vector<std::uint8_t>{static_cast<std::uint8_t>(runner.client_status())});
  const auto healths = b.CreateVector(std::vector<std::uint8_t>{static_cast<std::uint8_t>(runner.health())});
  group.add(wire::CreateUpdateAllocations(b, self.value, numbers, statuses, healths));
  servers_.submit_report(group.finish({.actor = "node " + machine_.id}), [this, n, life](const auto& answered) {
    if (life == life_ && !answered) later(seconds(1), [this, n, life] { send_report(n, life); });
  });
}

std::map<std::uint32_t, std::size_t> FakeNode::running() const {
  std::map<std::uint32_t, std::size_t> out;
  for (const auto& [handle, run] : running_) ++out[run.allocation];
  return out;
}

}  // namespace orch::sim
