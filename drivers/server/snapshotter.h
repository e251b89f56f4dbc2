// Snapshots without a pause: a thread of low priority folds the log from the newest snapshot into a state of its own
// and writes that. The loop is never stopped, forked or asked; the second state exists only while one is made.
//
// How much there is to do is told by whoever applies groups (`applied`): a snapshot is due after so many groups or
// events, whichever comes first, so that a restart folds about a second's worth at most.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "core/log/log.h"
#include "drivers/snapshots/snapshot_folder.h"

namespace orch {

class Snapshotter {
 public:
  static constexpr std::uint64_t groups_between = 200'000, events_between = 2'000'000;
  /// More than this is not written at the end of the agent: the next start folds the log meanwhile.
  static constexpr std::size_t objects_at_end = 4'000'000;

  using Say = std::function<void(std::string_view level, const std::string& text)>;

  /// `log` must outlive this; an empty folder name keeps no snapshots.
  Snapshotter(const Log& log, std::string folder, Say say);
  ~Snapshotter();

  /// The newest good state at or before `most`, for the loop to begin with; null when there is none. Also while the
  /// thread is at work, when the loop recovers: files appear whole.
  std::unique_ptr<State> newest(LogIndex most);

  /// Starts the thread.
  void start();
  /// Ends the thread; what it was at is given up.
  void stop();

  /// From the loop's thread, after a group was applied.
  void applied(std::uint64_t events) {
    groups_.fetch_add(1, std::memory_order_relaxed);
    events_.fetch_add(events, std::memory_order_relaxed);
  }

  /// After `stop`: writes the loop's own state if it is newer than the newest snapshot and not too large.
  void write_last(const State& state);

  /// Index of the newest snapshot on disk, 0 when there is none. Any thread.
  LogIndex index() const { return index_.load(std::memory_order_relaxed); }

 private:
  void run();
  bool due() const;
  void make();
  void save(const State& state);
  bool stopping() const;

  const Log& log_;
  const bool enabled_;
  Say say_;
  SnapshotFolder folder_;
  std::atomic<std::uint64_t> groups_{0}, events_{0};
  std::atomic<LogIndex> index_{0};
  mutable std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace orch
