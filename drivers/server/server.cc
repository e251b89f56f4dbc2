#include "drivers/server/server.h"

#include <algorithm>
#include <chrono>

namespace orch {
namespace {

// A submitter takes a turn itself as long as turns take less than this. A slow disk must not hold up who reads.
constexpr Duration quick_turn = milliseconds(2);
// Rows that nobody waits for are written this much later, several turns' together. Whoever reads has them written at
// once.
constexpr Duration unshown_most = milliseconds(5);

}  // namespace

std::int64_t monotonic_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

WallTime wall_now() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

/// Passes everything on to the views and notes which watch keys a turn touches.
class Server::Watching final : public ProjectionPort {
 public:
  Watching(Views& views, WatchHub& hub, Snapshotter& snapshots, std::atomic<LogIndex>& shown)
      : views_(views), hub_(hub), snapshots_(snapshots), shown_(shown) {}

  void fold(const State& state, LogIndex index, const wire::Group& group, const Outcome& outcome) override {
    views_.fold(state, index, group, outcome);
    index_ = index;
    std::uint64_t events = 0;
    for (const Event& event : outcome.events) events += event.count;
    snapshots_.applied(events);
    if (!watching_) return;
    for (const Event& event : outcome.events) note(state, event);
  }

  bool flush() override {
    if (!views_.flush()) return false;
    shown_.store(views_.applied(), std::memory_order_release);
    if (!watching_) return true;
    keys_.push_back({WatchKind::log});
    hub_.touch(keys_, index_, monotonic_ns());
    keys_.clear();
    return true;
  }

  void discard() override {
    views_.discard();
    keys_.clear();
  }

  /// Whether somebody waits for what was folded since the last flush.
  bool anyone_waits() const { return hub_.anyone_waits(keys_) || hub_.anyone_waits({{WatchKind::log}}); }

  /// From now on; nobody watches while the log is folded at start.
  void begin() { watching_ = true; }

 private:
  void add(WatchKind all, WatchKind one, std::uint32_t number) {
    keys_.push_back({all});
    keys_.push_back({one, number});
  }

  void allocation(const State& state, std::uint32_t n) {
    const AllocationState& a = state.allocations()[n];
    add(WatchKind::allocations, WatchKind::allocation, n);
    keys_.push_back({WatchKind::job_allocations, a.job.value});
  }

  void note(const State& state, const Event& event) {
    switch (event.kind) {
      case EventKind::job_registered:
      case EventKind::job_deregistered:
      case EventKind::job_changed: add(WatchKind::jobs, WatchKind::job, event.number); break;
      case EventKind::node_registered:
      case EventKind::node_changed: add(WatchKind::nodes, WatchKind::node, event.number); break;
      case EventKind::evaluation_changed:
        add(WatchKind::evaluations, WatchKind::evaluation, event.number);
        keys_.push_back({WatchKind::job_evaluations, state.evaluations()[event.number].job.value});
        break;
      case EventKind::deployment_changed:
        add(WatchKind::deployments, WatchKind::deployment, event.number);
        keys_.push_back({WatchKind::job_deployments, state.deployments()[event.number].job.value});
        break;
      case EventKind::allocations_placed:
        for (std::uint32_t i = 0; i < event.count; ++i) {
          keys_.push_back({WatchKind::node_allocations, state.allocations()[event.number + i].node.value});
        }
        add(WatchKind::jobs, WatchKind::job, state.allocations()[event.number].job.value);
        allocation(state, event.number);
        break;
      case EventKind::allocation_desired:
        keys_.push_back({WatchKind::node_allocations, state.allocations()[event.number].node.value});
        allocation(state, event.number);
        break;
      case EventKind::allocation_health:
      case EventKind::allocation_client: allocation(state, event.number); break;
      case EventKind::services_changed: keys_.push_back({WatchKind::services}); break;
    }
  }

  Views& views_;
  WatchHub& hub_;
  Snapshotter& snapshots_;
  std::atomic<LogIndex>& shown_;
  bool watching_ = false;
  LogIndex index_ = 0;
  std::vector<WatchKey> keys_;
};

Server::Server(std::unique_ptr<Log> log, std::unique_ptr<TableStore> store, Options options)
    : options_(std::move(options)),
      log_(std::move(log)),
      store_(std::move(store)),
      snapshots_(*log_, options_.snapshots, options_.say) {
  views_ = std::make_unique<Views>(*store_);
  watching_ = std::make_unique<Watching>(*views_, watches_, snapshots_, shown_);
  auto kept_state = [this] { return snapshots_.newest(std::min(views_->applied(), log_->head())); };
  loop_ = std::make_unique<Loop>(*log_, *watching_, log_->id(),
                                 Loop::Options{.server_name = options_.name, .kept_state = kept_state});
}

Server::~Server() { stop(); }

std::expected<void, std::string> Server::start(const std::function<void(LogIndex)>& progress) {
  const std::int64_t begin = monotonic_ns();
  if (auto recovered = loop_->recover(progress); !recovered) return std::unexpected(recovered.error().message);
  if (options_.say) {
    const LogIndex from = snapshots_.index(), index = loop_->state().index();
    options_.say("INFO", "server: the log is folded up to index " + std::to_string(index) +
                             (from != 0 ? " from a snapshot at index " + std::to_string(from) : "") + " in " +
                             std::to_string((monotonic_ns() - begin) / 1'000'000) + " ms");
  }
  snapshots_.start();
  watching_->begin();
  // Nodes that were ready get their whole time to be heard of again.
  const std::int64_t now = monotonic_ns();
  for (const NodeState& node : loop_->state().nodes()) {
    if (node.status == NodeStatus::ready) {
      heartbeats_.heard(node.node->id, now, options_.heartbeat_ttl + options_.heartbeat_grace);
    }
  }
  thread_ = std::thread([this] { run(); });
  return {};
}

void Server::stop() {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  arrived_.notify_all();
  snapshots_.stop();
  if (thread_.joinable()) {
    thread_.join();
    if (!loop_->needs_recovery()) snapshots_.write_last(loop_->state());
  }
  watches_.close();
}

void Server::submit(std::string group, Completion done) { enqueue({std::move(group), std::move(done)}); }
void Server::submit_report(std::string group, Completion done) { enqueue({std::move(group), std::move(done), true}); }

void Server::enqueue(Submission submission) {
  if (submission.group.size() > group_bytes_max) {
    if (submission.done)
      submission.done(
          std::unexpected(LogError{LogError::Kind::too_large, "the request is larger than a record may be"}));
    return;
  }
  {
    std::unique_lock lock(mutex_);
    if (!stopping_) {
      submissions_.push_back(std::move(submission));
      const bool alone = !turning_ && !more_ && submissions_.size() == 1 && questions_.empty();
      const bool well = alone && !loop_->needs_recovery() && !loop_->refused();
      if (well && lone_turns_ > 1 && turn_ns_ < quick_turn.ns) {
        take_turn(lock, quick_turn);
        leave_loop();
      } else if (!turning_) {
        arrived_.notify_one();  // else whoever has the loop looks for more before it leaves it
      }
      return;
    }
  }
  if (submission.done)
    submission.done(std::unexpected(LogError{LogError::Kind::unavailable, "the agent is shutting down"}));
}

void Server::inspect(std::function<void(const State&)> question) {
  std::lock_guard lock(mutex_);
  questions_.push_back(std::move(question));
  if (!turning_) arrived_.notify_one();
}

bool Server::heartbeat(const std::string& node_id) {
  if (!heartbeats_.known(node_id)) return false;
  heartbeats_.heard(node_id, monotonic_ns(), options_.heartbeat_ttl + options_.heartbeat_grace);
  return true;
}

void Server::node_registered(const std::string& node_id) {
  heartbeats_.heard(node_id, monotonic_ns(), options_.heartbeat_ttl + options_.heartbeat_grace);
}

void Server::when_shown(std::function<void(bool)> callback) {
  const LogIndex wanted = log_->head(), seen = shown_.load(std::memory_order_acquire);
  auto look = [this, wanted, callback = std::move(callback)] {
    callback(shown_.load(std::memory_order_acquire) >= wanted);
  };
  std::unique_lock lock(mutex_);
  if (turning_ && !shows_all()) {
    show_now_ = true;
    lock.unlock();
    // What is to be shown is above `seen`, so it does not matter whether that happens before somebody waits.
    return watches_.wait({{WatchKind::log}}, seen, monotonic_ns() + seconds(1).ns, std::move(look));
  }
  if (!turning_) {
    show(lock);
    leave_loop();
  }
  lock.unlock();
  look();
}

// Like a turn without anything to do: called and left with the mutex.
void Server::show(std::unique_lock<std::mutex>& lock) {
  turning_ = true;
  show_now_ = false;
  unshown_since_ns_ = 0;
  lock.unlock();
  loop_->show();
  tell_of_disk();
  lock.lock();
  if (!loop_->needs_recovery() && !shows_all())
    unshown_since_ns_ = monotonic_ns() + milliseconds(200).ns;  // no room: again in a while
  turning_ = false;
}

// By whoever has the loop; once when it begins and once when it ends.
void Server::tell_of_disk() {
  if (std::exchange(refused_, loop_->refused()) == loop_->refused() || !options_.say) return;
  if (refused_) {
    options_.say("ERROR",
                 "the data disk takes no more (is it full?): writes are refused, and reads where the views lag behind "
                 "the log; nothing is lost");
  } else {
    options_.say("INFO", "the data disk takes writes again");
  }
}

// After a turn by another thread than the loop's own: that one is woken when there is something for it.
void Server::leave_loop() {
  const bool more = more_ || !submissions_.empty() || !questions_.empty();
  if (more || loop_waits_ || stopping_ || next_wake(monotonic_ns()) < wake_ns_) arrived_.notify_one();
}

// When the loop's thread has something to do though nothing arrives. The mutex is held, and nobody has the loop.
std::int64_t Server::next_wake(std::int64_t now) const {
  std::int64_t wake = std::min(watches_.next_deadline(), heartbeats_.next_deadline());
  // A full disk is not tried again in a hurry for what is due anyway.
  const bool refused = loop_->refused() || loop_->needs_recovery();
  if (!refused) wake = std::min(wake, now + std::max<std::int64_t>(0, loop_->until_deadline().ns));
  if (unshown_since_ns_ != 0) wake = std::min(wake, unshown_since_ns_ + 2 * unshown_most.ns);
  const std::int64_t longest = seconds(1).ns;  // waiters may arrive with a nearer deadline meanwhile
  return now + std::clamp<std::int64_t>(wake - now, 100'000, longest);
}

void Server::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (!turning_ && !more_ && submissions_.empty() && questions_.empty() && !stopping_) {
      const std::int64_t now = monotonic_ns();
      wake_ns_ = next_wake(now);
      arrived_.wait_for(lock, std::chrono::nanoseconds(wake_ns_ - now));
    }
    loop_waits_ = true;
    arrived_.wait(lock, [this] { return !turning_; });
    loop_waits_ = false;
    if (stopping_ && submissions_.empty()) return show(lock);
    if (loop_->needs_recovery()) {
      recover(lock);
    } else {
      take_turn(lock, hours(1));
    }
  }
}

void Server::recover(std::unique_lock<std::mutex>& lock) {
  turning_ = true;
  lock.unlock();
  const auto recovered = loop_->recover();
  lock.lock();
  more_ = recovered.has_value();
  std::vector<Submission> refused;
  if (!recovered) refused.swap(submissions_);  // nobody waits for a disk that may stay as it is
  lock.unlock();
  for (Submission& s : refused) {
    if (s.done) s.done(std::unexpected(recovered.error()));
  }
  lock.lock();
  turning_ = false;
}

// The mutex is held when it is called and when it is left; between, this thread has the loop.
void Server::take_turn(std::unique_lock<std::mutex>& lock, Duration planning_most) {
  turning_ = true;
  std::vector<Submission> taken;
  std::vector<std::function<void(const State&)>> questions;
  taken.swap(submissions_);
  questions.swap(questions_);
  lock.unlock();
  const std::int64_t now = monotonic_ns();
  for (const std::string& node : heartbeats_.take_silent(now)) {
    GroupBuilder group;
    group.set_node_status(node, NodeStatus::down);
    taken.push_back({group.finish({.actor = options_.name}), [this, node](const auto& answered) {
                       // Not written: it is told again when the node is still silent then.
                       if (!answered) heartbeats_.heard(node, monotonic_ns(), seconds(1));
                     }});
  }
  const std::size_t count = taken.size();
  const LogIndex before = loop_->state().index();
  const bool more = loop_->turn(taken, {.wall = wall_now(),
                                        .monotonic_ns = now,
                                        .monotonic_now = monotonic_ns,
                                        .planning_most = planning_most,
                                        .show = false});
  if (!loop_->needs_recovery() && loop_->state().index() != before) appended_.add(loop_->state().index() - before, now);
  tell_of_disk();
  for (auto& question : questions) question(loop_->state());
  const bool waited_for = !shows_all() && watching_->anyone_waits();
  watches_.expire(now);
  lock.lock();
  lone_turns_ = count < 2 ? lone_turns_ + 1 : 0;
  more_ = more || loop_->needs_recovery();
  if (!shows_all() && unshown_since_ns_ == 0) unshown_since_ns_ = now;
  const bool lone = lone_turns_ > 1 && !more_;
  if (unshown_since_ns_ != 0 && (!lone || waited_for || show_now_ || now - unshown_since_ns_ > unshown_most.ns))
    show(lock);
  turn_ns_ += (monotonic_ns() - now - turn_ns_) / 4;
  turning_ = false;
}

}  // namespace orch
