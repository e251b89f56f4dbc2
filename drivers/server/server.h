// The server half of an agent: binds the loop, the log and the views to threads and to the clock.
//
// One thread at a time runs the loop (core/loop/loop.h): mostly one of its own, to which `submit` hands work from any
// thread. When nothing is going on and the disk is quick, the submitting thread takes the turn itself, which spares a
// lone writer two crossings between threads (a quarter of a millisecond); the loop's thread takes over what comes
// meanwhile (`Baton` says who). The completion runs on the thread that takes the turn, so it must be quick. When rows
// are written is `ShowSchedule`'s to say. Readers open Queries on their own threads. Node heartbeats live here, in
// memory: only a change (silent, back) becomes a record.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/loop/loop.h"
#include "drivers/server/baton.h"
#include "drivers/clock/clock.h"
#include "drivers/server/counter.h"
#include "drivers/server/heartbeats.h"
#include "drivers/server/show_schedule.h"
#include "drivers/server/snapshotter.h"
#include "drivers/server/watch_hub.h"
#include "drivers/server/watch_notes.h"
#include "projections/queries.h"
#include "projections/table_port.h"
#include "projections/views.h"

namespace orch {

class Server {
 public:
  struct Options {
    std::string name = "orch.global";
    std::string region = "global";
    Duration heartbeat_ttl = seconds(10);
    Duration heartbeat_grace = seconds(10);
    std::string snapshots;  ///< folder; empty keeps none
    Snapshotter::Say say;   ///< lines for the agent's log; may be empty
  };

  /// Takes the log and the store; opens nothing yet.
  Server(std::unique_ptr<Log> log, std::unique_ptr<TableStore> store, Options options);
  ~Server();

  /// Takes the newest snapshot, folds the rest of the log and starts the loop's thread. Views that are behind the
  /// newest snapshot need the groups in between folded as well, so the loop then begins with an older one or with the
  /// first record.
  std::expected<void, std::string> start(const std::function<void(LogIndex)>& progress = {});
  void stop();

  /// From any thread. After `stop` the completion gets `unavailable`.
  void submit(std::string group, Completion done);
  /// As `submit`, for one UpdateAllocations command without an idempotency key: may share its group with other reports.
  void submit_report(std::string group, Completion done);

  /// Runs between turns on the thread that has the loop: for what no view answers (`job plan`, state hash).
  /// Let go of without being called while there is no state that the log has.
  void inspect(std::function<void(const State&)> question);

  /// Whether the views hold all that was answered; `when_shown` calls back once they hold what is in the log now, or
  /// after a second, and says whether they do.
  bool shows_all() const { return shown_.load(std::memory_order_acquire) >= log_->head(); }
  void when_shown(std::function<void(bool)> callback);

  Queries queries() const { return Queries(*store_, log_->id()); }
  const Log& log() const { return *log_; }
  WatchHub& watches() { return watches_; }
  LogIndex snapshot_index() const { return snapshots_.index(); }
  const Options& options() const { return options_; }
  /// Groups that this server appended to the log.
  Counter& appended() { return appended_; }

  /// A node's client was heard; answers false when the node must register (first).
  bool heartbeat(const std::string& node_id);
  void node_registered(const std::string& node_id);

 private:
  void run();
  std::int64_t next_wake(std::int64_t now) const;
  void recover(std::unique_lock<std::mutex>& lock);
  void show(std::unique_lock<std::mutex>& lock);
  void tell_of_disk();
  void let_go();
  template <class F>
  void with_baton(std::unique_lock<std::mutex>& lock, F work);
  template <class F>
  void with_state(std::vector<Submission>& taken, F work);
  void take_turn(std::unique_lock<std::mutex>& lock, Duration planning_most);
  void enqueue(Submission submission);

  Options options_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<TableStore> store_;
  Snapshotter snapshots_;
  std::unique_ptr<Views> views_;
  std::unique_ptr<WatchNotes> notes_;
  std::unique_ptr<Loop> loop_;
  WatchHub watches_;
  Heartbeats heartbeats_;
  Counter appended_;

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Submission> submissions_;
  std::vector<std::function<void(const State&)>> questions_;
  Baton baton_;            // of the loop
  ShowSchedule schedule_;  // of the rows that turns leave
  bool stopping_ = false;

  // Of whoever has the loop.
  std::int64_t recovery_due_ns_ = 0;  // not before it, while the loop needs one
  std::int64_t abandoned_ns_ = 0;     // when a turn threw last
  LogError recovery_error_{LogError::Kind::unavailable, "the state is not made again from the log yet"};

  bool disk_refuses_ = false;  // as the agent's log was told; of whoever has the loop
  std::atomic<LogIndex> shown_{0};
  std::thread thread_;
};

}  // namespace orch
