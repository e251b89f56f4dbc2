#include "drivers/server/server.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "core/base/assert.h"
#include "core/base/guard.h"
#include "drivers/clock/clock.h"

namespace orch {
namespace {

constexpr Duration between_recoveries = seconds(1);
constexpr Duration soon_again = seconds(10);  // two turns that threw within it: the next recovery waits

}  // namespace

Server::Server(std::unique_ptr<Log> log, std::unique_ptr<TableStore> store, Options options)
    : options_(std::move(options)),
      log_(std::move(log)),
      store_(std::move(store)),
      snapshots_(*log_, options_.snapshots, options_.say),
      heartbeats_(options_.heartbeat_ttl + options_.heartbeat_grace) {
  views_ = std::make_unique<Views>(*store_);
  notes_ = std::make_unique<WatchNotes>(*views_, watches_, snapshots_, shown_);
  auto kept_state = [this] { return snapshots_.newest(std::min(views_->applied(), log_->head())); };
  loop_ = std::make_unique<Loop>(*log_, *notes_, log_->id(),
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
  notes_->begin();
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
    if (!loop_->needs_recovery()) guarded("the last snapshot", [this] { snapshots_.write_last(loop_->state()); });
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
      // The loop itself is looked at only when nobody has it.
      const bool mine = baton_.may_take(submissions_.size(), questions_.size());
      if (mine && !loop_->needs_recovery() && !loop_->refused()) {
        baton_.take();
        with_baton(lock, [&] { take_turn(lock, Baton::quick_turn); });
        let_go();
      } else if (!baton_.held()) {
        arrived_.notify_one();  // else whoever has the loop looks for more before it lets go
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
  if (!baton_.held()) arrived_.notify_one();
}

bool Server::heartbeat(const std::string& node_id) {
  return heartbeats_.hear_known(node_id, monotonic_ns(), options_.heartbeat_ttl + options_.heartbeat_grace);
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
  if (baton_.held() && !shows_all()) {
    schedule_.reader_waits();
    lock.unlock();
    // What is to be shown is above `seen`, so it does not matter whether that happens before somebody waits.
    return watches_.wait({{WatchKind::log}}, seen, monotonic_ns() + seconds(1).ns, std::move(look));
  }
  if (!baton_.held()) {
    baton_.take();
    with_baton(lock, [&] { show(lock); });
    let_go();
  }
  lock.unlock();
  look();
}

// Whoever has the loop lets go of it whatever is thrown, and has the mutex then.
template <class F>
void Server::with_baton(std::unique_lock<std::mutex>& lock, F work) {
  guarded("the loop", work);
  if (!lock.owns_lock()) lock.lock();
}

// What changes the state or the views' memory of it. Where it throws, both may be half changed: they are made again
// from the log. Without the mutex, by whoever has the loop.
template <class F>
void Server::with_state(std::vector<Submission>& taken, F work) {
  if (guarded("a turn of the loop", work)) return;
  const std::int64_t now = monotonic_ns();
  recovery_due_ns_ = now - abandoned_ns_ < soon_again.ns ? now + between_recoveries.ns : 0;
  abandoned_ns_ = now;
  loop_->abandon(taken, "internal error; the agent's log says more");
}

// Writes the rows that the views lack. Called and left with the mutex, by whoever has the loop.
void Server::show(std::unique_lock<std::mutex>& lock) {
  ORCH_ASSERT(baton_.held(), "rows are written by who has the loop");
  schedule_.begin();
  lock.unlock();
  std::vector<Submission> none;
  with_state(none, [this] { loop_->show(); });
  tell_of_disk();
  lock.lock();
  if (!loop_->needs_recovery() && !shows_all()) schedule_.failed(monotonic_ns());
}

// By whoever has the loop; once when it begins and once when it ends.
void Server::tell_of_disk() {
  if (std::exchange(disk_refuses_, loop_->refused()) == loop_->refused() || !options_.say) return;
  if (disk_refuses_) {
    options_.say("ERROR",
                 "the data disk takes no more (is it full?): writes are refused, and reads where the views lag behind "
                 "the log; nothing is lost");
  } else {
    options_.say("INFO", "the data disk takes writes again");
  }
}

// By another thread than the loop's own: that one is woken when there is something for it.
void Server::let_go() {
  baton_.let_go();
  const bool work = !submissions_.empty() || !questions_.empty() || stopping_;
  if (baton_.wakes_thread(work, next_wake(monotonic_ns()))) arrived_.notify_one();
}

// When the loop's thread has something to do though nothing arrives. The mutex is held, and nobody has the loop.
std::int64_t Server::next_wake(std::int64_t now) const {
  std::int64_t wake = watches_.next_deadline();
  if (loop_->needs_recovery()) {
    wake = std::min(wake, recovery_due_ns_);
  } else {
    wake = std::min({wake, heartbeats_.next_deadline(), schedule_.next_look_ns()});
    // A full disk is not tried again in a hurry for what is due anyway.
    if (!loop_->refused()) wake = std::min(wake, now + std::max<std::int64_t>(0, loop_->until_deadline().ns));
  }
  const std::int64_t longest = seconds(1).ns;  // waiters may arrive with a nearer deadline meanwhile
  return now + std::clamp<std::int64_t>(wake - now, 100'000, longest);
}

void Server::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (!baton_.held() && !baton_.more() && submissions_.empty() && questions_.empty() && !stopping_) {
      const std::int64_t now = monotonic_ns(), wake = next_wake(now);
      baton_.thread_sleeps_until(wake);
      arrived_.wait_for(lock, std::chrono::nanoseconds(wake - now));
    }
    baton_.thread_waits(true);
    arrived_.wait(lock, [this] { return !baton_.held(); });
    baton_.thread_waits(false);
    baton_.take();
    const bool last = stopping_ && submissions_.empty();
    with_baton(lock, [&] {
      if (last) {
        show(lock);
      } else if (loop_->needs_recovery()) {
        recover(lock);
      } else {
        take_turn(lock, hours(1));
      }
    });
    baton_.let_go();
    if (last) return;
  }
}

// A recovery that fails is tried again after a second. Until then nobody waits for a disk that may stay as it is:
// writes are refused, questions are let go of (no state answers them), and blocking queries end in their time.
void Server::recover(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  const std::int64_t now = monotonic_ns();
  bool recovered = false;
  if (now >= recovery_due_ns_) {
    recovery_error_ = {LogError::Kind::unavailable, "the state could not be made again from the log"};
    guarded("the recovery of the state", [&] {
      const auto folded = loop_->recover();
      recovered = folded.has_value();
      if (!recovered) recovery_error_ = folded.error();
    });
    recovery_due_ns_ = recovered ? 0 : monotonic_ns() + between_recoveries.ns;
  }
  watches_.expire(now);
  lock.lock();
  baton_.set_more(recovered);
  if (recovered) return;
  std::vector<Submission> refused;
  std::vector<std::function<void(const State&)>> unanswered;
  refused.swap(submissions_);
  unanswered.swap(questions_);
  lock.unlock();
  for (Submission& s : refused) {
    if (s.done) guarded("a refusal", [&] { s.done(std::unexpected(recovery_error_)); });
  }
  unanswered.clear();
  lock.lock();
}

// Called and left with the mutex, by whoever has the loop. Completions and questions run without it.
void Server::take_turn(std::unique_lock<std::mutex>& lock, Duration planning_most) {
  ORCH_ASSERT(baton_.held(), "a turn is taken by who has the loop");
  std::vector<Submission> taken;
  std::vector<std::function<void(const State&)>> questions;
  taken.swap(submissions_);
  questions.swap(questions_);
  lock.unlock();
  const std::int64_t now = monotonic_ns();
  const LogIndex before = loop_->state().index();
  std::size_t count = taken.size();
  bool more = false;
  with_state(taken, [&] {
    // Before what has arrived: a node that registers in this turn is ready after it.
    std::vector<Submission> silent;
    for (const std::string& node : heartbeats_.take_silent(now)) {
      GroupBuilder group;
      group.set_node_status(node, NodeStatus::down);
      silent.push_back({group.finish({.actor = options_.name}), [this, node](const auto& answered) {
                         // Not written: it is told again when the node is still silent then.
                         if (!answered) heartbeats_.heard(node, monotonic_ns(), seconds(1));
                       }});
    }
    taken.insert(taken.begin(), std::make_move_iterator(silent.begin()), std::make_move_iterator(silent.end()));
    count = taken.size();
    more = loop_->turn(taken, {.wall = wall_now(),
                               .monotonic_ns = now,
                               .monotonic_now = monotonic_ns,
                               .planning_most = planning_most,
                               .show = false});
  });
  if (!loop_->needs_recovery() && loop_->state().index() != before) appended_.add(loop_->state().index() - before, now);
  tell_of_disk();
  // A state whose append failed answers nobody.
  if (!loop_->needs_recovery()) {
    for (auto& question : questions) guarded("a question to the state", [&] { question(loop_->state()); });
    questions.clear();
  }
  const bool waited_for = !shows_all() && notes_->anyone_waits();
  watches_.expire(now);
  lock.lock();
  questions_.insert(questions_.begin(), std::make_move_iterator(questions.begin()),
                    std::make_move_iterator(questions.end()));
  baton_.turn_taken(count, more || loop_->needs_recovery());
  if (!shows_all()) schedule_.left_unshown(now);
  if (schedule_.due(now, baton_.lone(), waited_for)) show(lock);
  baton_.turn_lasted(monotonic_ns() - now);
}

}  // namespace orch
