// All allocations of this node: takes them up, adds what the servers assign, ends and forgets what they leave out.
//
// What the store holds of an allocation is there before it is started and until the servers have forgotten it, so that
// nothing is started twice. Folders of ended allocations may go before (`collect`): then nothing but the state is left.
//
// Threads: everything is called on the mailbox's thread, so there is no lock; `look_again` and `say` of the observer
// port come from any. Copies for other threads go to the AllocationTable.
// Lifetime: outlives the pools' calls and the mailbox's functions, which hold on to it; what it is made with outlives
// it.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "drivers/node/allocation_ports.h"
#include "drivers/node/allocation_runner.h"
#include "drivers/node/allocation_table.h"
#include "drivers/node/driver_watch.h"
#include "drivers/node/poller.h"
#include "drivers/node/registration.h"
#include "drivers/node/reporter.h"
#include "drivers/node/say.h"
#include "drivers/node/state_store.h"

namespace orch::client {

class Allocations final : private AllocationHost, private AllocationObserver {
 public:
  struct Parts {
    Mailbox& mailbox;
    Pools& pools;
    StartGate& starts;
    StateStore& store;
    LogRotator& rotator;
    Reporter& reporter;
    AllocationTable& table;
    const Registration& registration;
    DriverWatch& driver_watch;
    const StopSignal& stopping;
  };
  struct Settings {
    std::string alloc_dir, region;
    Duration max_kill_timeout;
    std::size_t most_ended = 0;    ///< more ended allocations than these lose their folders, the oldest first
    double most_disk_percent = 0;  ///< above it all but the newest do
  };

  Allocations(Parts parts, Settings settings, std::vector<TaskDriver*> drivers, Say say);

  /// First of all: what an earlier process has stored is taken up, what was found running and nobody knows is ended.
  void restore(std::vector<StateStore::Entry> entries, std::vector<FoundTask> found);
  /// Ends what a driver lists of ours although no allocation here knows it.
  void end_strangers(std::vector<FoundTask> found);
  /// Answers after which time another list is wanted, if one of ours was left out by a list that may be too old.
  std::optional<Duration> take(Poller::News news);

  /// A refusal is for the user.
  std::expected<void, std::string> restart(const std::string& id, const std::string& task);
  std::expected<void, std::string> signal(const std::string& id, const std::string& task, const std::string& signal);
  /// A task event for each task that runs.
  void tell_tasks(const std::string& text);
  /// Removes the folders of one ended allocation, or of all with an empty id.
  void collect_garbage(const std::string& id);

  void end_all();
  bool all_finished() const;
  /// The agent stops and the tasks go on.
  void abandon_all();

 private:
  TaskDriver* driver(const std::string& name) const override;
  std::shared_ptr<const Node> node() const override;
  std::string take_stray(const std::string& alloc_id, const std::string& task) override;
  void changed(AllocationRunner& runner, bool tell_servers) override;
  void services_changed() override;
  void look_again(TaskDriver& driver) override;
  void say(std::string_view level, const std::string& text) const override;

  AllocationRunner::Surroundings surroundings();
  void add(AllocationSpec spec, const std::string& run_state);
  void forget(const std::string& id);
  void publish(AllocationRunner& runner);
  void publish_services();
  void collect(const std::string& id);
  void keep_within_limits();
  /// On a thread of the pool of calls.
  void aside(net::Pool::Job job);
  /// Ends a task whose name no allocation claims.
  static void end_stranger(const FoundTask& found);
  /// Whether the folder here says that the allocation is ours: another agent on this machine may share the engine.
  bool has_folder(const std::string& alloc_id) const;

  const Parts parts_;
  const Settings settings_;
  const std::vector<TaskDriver*> drivers_;
  const Say say_;
  std::map<std::string, std::shared_ptr<AllocationRunner>> runners_;
  std::map<std::pair<std::string, std::string>, std::string> strays_;  // (allocation, task) → handle found at start
  std::map<std::string, Elapsed> missing_since_;                       // here, but not in the servers' latest list
  std::set<std::string> leaving_;                                      // being ended and removed
  std::set<std::string> collected_;                                    // folders gone, still listed by the servers
  bool services_dirty_ = false, compared_ = false;                     // compared: with the servers' first list
  std::string services_told_;
};

}  // namespace orch::client
