// Allocations under random work: whatever happens in whatever order, what the header promises holds.
#include <doctest/doctest.h>

#include <deque>
#include <map>

#include "core/runner/snapshot_json.h"
#include "tests/core/runner/transcript.h"

using namespace orch;
using namespace orch::test;

namespace {

/// splitmix64: the same walk on every machine.
struct Dice {
  std::uint64_t state;
  std::uint64_t next() {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  bool one_in(std::uint64_t n) { return next() % n == 0; }
  double fraction() { return static_cast<double>(next() >> 11) / 9007199254740992.0; }
};

/// A node with a driver that answers late, fails now and then, and forgets nothing but what a crash takes.
class World {
 public:
  World(std::uint64_t seed, std::string type, bool leader) : dice_{seed} {
    std::vector<Task> tasks{task_named("a"), task_named("b"), task_named("c")};
    tasks[0].leader = leader;
    tasks[1].shutdown_delay = seconds(2);
    Service service{.name = "web"};
    service.checks.push_back({.check_restart = CheckRestart{.limit = 2}, .name = "up", .type = "tcp"});
    tasks[1].services.push_back(service);
    job_ = job_of(type, std::move(tasks));
    job_.task_groups[0].update =
        UpdateStrategy{.min_healthy_time = seconds(5), .healthy_deadline = seconds(60), .health_check = "checks"};
    alloc_.emplace(assignment_of(job_, "d1"), now());
    carry_out(alloc_->start(now()));
  }

  void step() {
    elapsed_ += static_cast<double>(dice_.next() % 3000) / 1000;
    switch (dice_.next() % 12) {
      case 0:
        return crash();
      case 1:
        return carry_out(alloc_->restart_task(now(), pick(), "asked"));
      case 2:
        return end_one();
      case 3:
        return carry_out(alloc_->check_result(now(), {"b", 0, 0}, CheckStatus(1 + dice_.next() % 3), ""));
      case 4:
        return carry_out(alloc_->driver_message(now(), pick(), "news"));
      case 5:
        return carry_out(alloc_->exited(now(), pick(), "h-of-long-ago", {}));
      case 6:
        return dice_.one_in(8) ? carry_out(alloc_->update(now(), assignment_of(job_, "d2"))) : fire_timer();
      case 7:
        return fire_timer();
      default:
        return answer_one();
    }
  }

  /// All that was asked is answered, nothing new happens but time.
  void settle() {
    carry_out(alloc_->stop(now()));
    for (int i = 0; i < 1000 && !alloc_->is_finished(); ++i) {
      elapsed_ += 200;
      calm_ = true;
      answer_one();
      fire_timer();
    }
  }

  void check() const {
    for (const auto& [name, state] : alloc_->task_states()) {
      CHECK(state.events.size() <= task_events_max);
      CHECK((state.finished_at.ns != 0) == (state.life == TaskLife::dead));
      if (state.life == TaskLife::running) CHECK_FALSE(alloc_->tasks().at(name).handle().empty());
    }
    for (const auto& [name, before] : dead_) CHECK(alloc_->task_states().at(name).finished_at == before);
    // A handle that runs is the one that the runner knows, or is about to be told or ended.
    std::size_t of_nobody = 0;
    for (const auto& [handle, task] : running_) of_nobody += alloc_->tasks().at(task).handle() == handle ? 0 : 1;
    CHECK(of_nobody <= asked_.size());
  }

  const AllocRunner& alloc() const { return *alloc_; }
  std::size_t running() const { return running_.size(); }
  std::uint64_t fingerprint() const { return fingerprint_; }

 private:
  Moment now() { return at(elapsed_, dice_.fraction()); }
  std::string pick() { return std::string(1, static_cast<char>('a' + dice_.next() % 3)); }

  void carry_out(const Actions& actions) {
    for (std::size_t i = 0; i < actions.size(); ++i) {
      const Action& a = actions[i];
      for (const char c : describe(a)) fingerprint_ = fingerprint_ * 1099511628211 ^ static_cast<unsigned char>(c);
      switch (a.kind) {
        case ActionKind::persist:
          CHECK(i == 0);
          stored_ = snapshot_to_json(alloc_->snapshot());
          break;
        case ActionKind::report:
          CHECK(i + 1 == actions.size());
          break;
        case ActionKind::set_timer:
          timers_[a.task] = a.deadline;
          break;
        case ActionKind::destroy:
          CHECK(running_.count(a.handle) == 0);
          break;
        case ActionKind::start_driver:
        case ActionKind::stop_driver:
        case ActionKind::recover_driver:
          asked_.push_back(a);
          break;
        default:
          break;
      }
    }
    for (const auto& [name, state] : alloc_->task_states()) {
      if (state.life == TaskLife::dead) dead_.emplace(name, state.finished_at);
    }
  }

  /// Answers the oldest request of some task: of one task they are carried out in order.
  void answer_one() {
    if (asked_.empty()) return;
    const std::string task = asked_[dice_.next() % asked_.size()].task;
    const auto it = std::find_if(asked_.begin(), asked_.end(), [&](const Action& a) { return a.task == task; });
    const Action a = *it;
    asked_.erase(it);
    if (a.kind == ActionKind::start_driver) {
      if (!calm_ && dice_.one_in(6)) {
        return carry_out(alloc_->driver_start_failed(now(), task, {"no luck", !dice_.one_in(4)}));
      }
      const std::string handle = "h" + std::to_string(++starts_);
      running_[handle] = task;
      return carry_out(alloc_->driver_started(now(), task, handle));
    }
    if (a.kind == ActionKind::recover_driver) {
      if (running_.contains(a.handle)) return carry_out(alloc_->recovered(now(), task));
      return carry_out(alloc_->recover_failed(now(), task, "gone"));
    }
    if (!calm_ && dice_.one_in(5)) return carry_out(alloc_->kill_finished(now(), task, a.handle, "engine away"));
    const bool ran = running_.erase(a.handle) > 0;
    if (ran && dice_.one_in(2)) carry_out(alloc_->exited(now(), task, a.handle, {.exit_code = 137, .signal = 9}));
    carry_out(alloc_->kill_finished(now(), task, a.handle, ""));
  }

  void end_one() {
    if (running_.empty()) return;
    auto it = running_.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(dice_.next() % running_.size()));
    const auto [handle, task] = *it;
    running_.erase(it);
    carry_out(alloc_->exited(now(), task, handle, {.exit_code = static_cast<int>(dice_.next() % 2)}));
  }

  void fire_timer() {
    for (const auto& [task, deadline] : timers_) {
      if (deadline > now().elapsed) continue;
      const std::string name = task;
      timers_.erase(name);
      return carry_out(alloc_->timer_due(now(), name));
    }
  }

  /// kill -9 and back: only what was stored last is known; tasks that nobody knows are removed.
  void crash() {
    if (!dice_.one_in(3)) return;
    asked_.clear();
    timers_.clear();
    CHECK(snapshot_to_json(snapshot_from_json(stored_).value()) == stored_);
    alloc_.emplace(assignment_of(job_, alloc_->assignment().deployment_id), snapshot_from_json(stored_).value(), now());
    std::erase_if(running_, [&](const auto& run) { return alloc_->tasks().at(run.second).handle() != run.first; });
    carry_out(alloc_->resume(now()));
  }

  Dice dice_;
  Job job_;
  double elapsed_ = 1;
  bool calm_ = false;
  std::optional<AllocRunner> alloc_;
  std::string stored_;
  std::deque<Action> asked_;
  std::map<std::string, Elapsed> timers_;
  std::map<std::string, std::string> running_;  ///< handle → task
  std::map<std::string, WallTime> dead_;
  int starts_ = 0;
  std::uint64_t fingerprint_ = 14695981039346656037u;
};

std::uint64_t walk(std::uint64_t seed) {
  World world(seed, seed % 3 == 0 ? "batch" : "service", seed % 2 == 0);
  for (int i = 0; i < 120; ++i) {
    world.step();
    world.check();
  }
  world.settle();
  world.check();
  CHECK(world.alloc().is_finished());
  CHECK(world.running() == 0);
  return world.fingerprint();
}

}  // namespace

TEST_CASE("random walks keep every promise") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    walk(seed);
  }
}

TEST_CASE("two walks of one seed agree") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) CHECK(walk(seed) == walk(seed));
}
