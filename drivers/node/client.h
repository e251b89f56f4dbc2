// The node client: makes this machine a node of the cluster and runs what the servers assign to it.
//
// Threads: one long-polls the servers for allocations, one registers and sends heartbeats, one watches the drivers'
// health, one reports changes (Reporter), one owns all allocations (Mailbox); driver calls run on its Pools.
// Public functions may be called from any thread, but not from the mailbox's.
//
// Lifetime: `stop` leaves the tasks running; a Client that is started later over the same data folder, in this process
// or another, takes them up again. `stop` waits a bounded time for driver calls under way, the destructor as long as
// they take: a program that wants to end at once calls `stop` and then _exit.
#pragma once

#include <atomic>
#include <condition_variable>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "drivers/node/allocation_runner.h"
#include "drivers/node/fingerprint.h"
#include "drivers/node/identity.h"
#include "drivers/node/log_rotator.h"
#include "drivers/node/mailbox.h"
#include "drivers/node/pools.h"
#include "drivers/node/reporter.h"
#include "drivers/node/server_api.h"
#include "drivers/node/start_gate.h"
#include "drivers/node/state_store.h"
#include "drivers/node/stats.h"

namespace orch::client {

struct ClientOptions {
  std::string data_dir;              ///< identity and state; made if missing
  std::string alloc_dir;             ///< empty: data_dir/alloc
  std::vector<std::string> servers;  ///< addresses of the HTTP interface
  FingerprintOptions node;           ///< node_id and alloc_root are filled in
  std::string region = "global";
  Duration driver_check_every = seconds(5);
  Duration report_pause = milliseconds(50);
  Duration max_kill_timeout = seconds(30);
  std::size_t most_ended_allocations = 50;  ///< more than these lose their folders, the oldest first
  double most_disk_percent = 80;            ///< above it ended allocations lose their folders
  std::function<void(std::string_view level, const std::string& text)> log;  ///< level: INFO, WARN, ERROR; any thread
};

class Client {
 public:
  /// `api` empty: HTTP to `options.servers`.
  Client(ClientOptions options, std::vector<TaskDriver*> drivers, std::unique_ptr<ServerApi> api = nullptr);
  ~Client();  ///< stops

  /// Reads identity and state, then starts the threads; does not wait for a server. Errors are for the operator.
  std::expected<void, std::string> start();

  /// With `end_tasks` everything that runs here is ended first and that is reported (`-dev`); waits at most about
  /// `patience` for it. Idempotent.
  void stop(bool end_tasks = false, Duration patience = seconds(15));

  const std::string& node_id() const { return identity_.node_id; }
  bool registered() const { return registered_; }
  bool started() const { return started_; }
  std::shared_ptr<const Node> node() const;
  /// The node has this metadata and class from now on; the servers are told.
  void describe(const StringMap& meta, const std::string& node_class);

  // For the client API.
  struct Found {
    std::string id, path, group;
    std::vector<std::string> tasks;
  };
  struct Refusal {
    int status;
    std::string message;
  };
  std::expected<Found, Refusal> find_allocation(const std::string& id) const;
  /// True when the allocation's tasks have ended, or it is not here.
  bool is_finished(const std::string& id) const;
  std::string host_stats();
  std::expected<std::map<std::string, TaskStats>, std::string> allocation_stats(const std::string& id,
                                                                                const std::string& task);
  std::expected<void, std::string> restart_task(const std::string& id, const std::string& task);
  std::expected<void, std::string> signal_task(const std::string& id, const std::string& task,
                                               const std::string& signal);
  /// Removes the folders of one ended allocation, or of all with an empty id.
  void collect_garbage(const std::string& id);
  LogRotator& rotator() { return rotator_; }
  /// For what is asked over HTTP; refuses at its limit.
  net::Pool& requests() { return pools_.requests; }
  bool stopping() const { return stopping_; }
  /// Allocations here, by state: for `agent-info`.
  std::map<std::string, std::string> facts() const;

 private:
  /// What other threads may know of an allocation without asking the mailbox.
  struct Published {
    Found found;
    bool finished = false;
    std::map<std::string, std::pair<TaskDriver*, std::string>> handles;
  };

  // An allocation that an older answer leaves out is believed gone when it is still left out this much later.
  static constexpr Duration doubt = seconds(3);

  void say(std::string_view level, const std::string& text) const;
  void beat();
  void watch_drivers();
  void watch_disk();
  bool look_at_drivers();  ///< whether anything changed
  void register_anew();
  void poll();
  bool pause(Duration time);

  // On the mailbox's thread.
  void restore(std::vector<StateStore::Entry> entries, std::vector<std::pair<TaskDriver*, TaskDriver::Found>> found);
  /// Ends what a driver lists of ours although no allocation here knows it.
  void end_strangers(std::vector<std::pair<TaskDriver*, TaskDriver::Found>> found);
  void take(std::vector<AllocationSpec> changed, std::set<std::string> listed, std::uint64_t index);
  void add(AllocationSpec spec, const std::string& run_state);
  void publish(AllocationRunner& runner);
  void publish_services();
  void forget(const std::string& id);
  void collect(const std::string& id);
  void keep_within_limits();
  /// On a thread of the pool of calls.
  void aside(net::Pool::Job job);
  AllocationRunner::Surroundings surroundings();

  ClientOptions options_;
  const std::vector<TaskDriver*> drivers_;
  std::unique_ptr<ServerApi> api_;
  Identity identity_;
  std::unique_ptr<StateStore> store_;
  LogRotator rotator_;
  std::unique_ptr<HostStats> host_stats_;
  std::unique_ptr<Reporter> reporter_;

  std::mutex describing_;     // held while a node is made from the one before
  mutable std::mutex mutex_;  // node_, published_, unlisted_, wishes
  std::condition_variable wake_;
  std::shared_ptr<const Node> node_;
  std::map<std::string, Published> published_;
  std::set<TaskDriver*> unlisted_;  // could not say at start what runs; asked again when they are well
  bool register_again_ = false;
  std::atomic<bool> stopping_ = false, registered_ = false, started_ = false, doubtful_ = false;

  bool disk_full_ = false;  // driver thread only
  // Poll thread only: allocation → AllocModifyIndex that was handed on.
  std::map<std::string, std::uint64_t> known_;
  // Mailbox thread only.
  std::map<std::string, std::shared_ptr<AllocationRunner>> runners_;
  std::map<std::pair<std::string, std::string>, std::string> strays_;  // (allocation, task) → handle found at start
  std::map<std::string, Elapsed> missing_since_;  // here, but not in the servers' latest list
  std::set<std::string> leaving_;    // being ended and removed
  std::set<std::string> collected_;  // folders gone, still listed by the servers
  bool services_dirty_ = false, compared_ = false;  // compared: with the servers' first list
  std::string services_told_;

  // Declared last: calls on the pools end first (the destructor waits for them), then the mailbox that they post to.
  Mailbox mailbox_;
  StartGate starts_{mailbox_, Pools::most_starts};
  Pools pools_;
  std::thread beat_thread_, driver_thread_, poll_thread_;
};

}  // namespace orch::client
