// The node client: makes this machine a node of the cluster and runs what the servers assign to it.
//
// It puts the parts together and is the door to them; each part states its own thread and its own lock:
// - Registration: the node's document and the beat that keeps it known;
// - Poller: the long poll for allocations; what it brings goes to
// - Allocations: all that runs here, on the Mailbox's thread; driver calls go to the Pools;
// - AllocationTable: what other threads may know of them;
// - Reporter: tells the servers what changed; DriverWatch: the health of drivers and disk.
//
// Threads: public functions may be called from any thread, but not from the mailbox's. What `start` makes is there for
// good once `started` was true; before, questions are answered as by a node without allocations.
//
// Lifetime: `stop` leaves the tasks running; a Client that is started later over the same data folder, in this process
// or another, takes them up again. It ends, in this order: the poll, the beat and the drivers' watch, the starts under
// way, the reporter, driver calls, the mailbox. `stop` waits a bounded time for driver calls under way, the destructor
// as long as they take: a program that wants to end at once calls `stop` and then _exit.
#pragma once

#include <atomic>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/node/allocation_table.h"
#include "drivers/node/allocations.h"
#include "drivers/node/driver_watch.h"
#include "drivers/node/fingerprint.h"
#include "drivers/node/log_rotator.h"
#include "drivers/node/mailbox.h"
#include "drivers/node/poller.h"
#include "drivers/node/pools.h"
#include "drivers/node/registration.h"
#include "drivers/node/reporter.h"
#include "drivers/node/say.h"
#include "drivers/node/server_api.h"
#include "drivers/node/start_gate.h"
#include "drivers/node/state_store.h"
#include "drivers/node/stats.h"
#include "drivers/node/stop_signal.h"

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
  Say log;
};

class Client {
 public:
  /// `api` empty: HTTP to `options.servers`.
  Client(ClientOptions options, std::vector<TaskDriver*> drivers, std::unique_ptr<ServerApi> api = nullptr);
  ~Client();  ///< stops

  /// Reads identity and state, then starts the threads; does not wait for a server. Errors are for the operator. Once.
  std::expected<void, std::string> start();

  /// With `end_tasks` everything that runs here is ended first and that is reported (`-dev`); waits at most about
  /// `patience` for it. Idempotent.
  void stop(bool end_tasks = false, Duration patience = seconds(15));

  /// Empty until there is one.
  std::string node_id() const;
  bool started() const { return started_; }
  bool stopping() const { return stopping_.is_set(); }
  /// The node has this metadata and class from now on; the servers are told. Once started.
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
  bool is_finished(const std::string& id) const { return table_.is_finished(id); }
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
  /// Allocations here, by state: for `agent-info`.
  std::map<std::string, std::string> facts() const;

 private:
  void say(std::string_view level, const std::string& text) const;
  std::unique_ptr<Reporter> make_reporter();
  std::unique_ptr<DriverWatch> make_driver_watch();
  std::unique_ptr<Allocations> make_allocations();
  std::unique_ptr<Poller> make_poller();
  void end_tasks(Elapsed until);

  ClientOptions options_;
  const std::vector<TaskDriver*> drivers_;
  LogRotator rotator_;
  AllocationTable table_;
  StopSignal stopping_;
  std::atomic<bool> made_ = false, started_ = false;  // made: what stands below is there, and stays

  // Made by `start`. What comes later uses what comes before.
  std::unique_ptr<ServerApi> api_;
  std::unique_ptr<StateStore> store_;
  std::unique_ptr<HostStats> host_stats_;
  std::unique_ptr<Registration> registration_;
  std::unique_ptr<Reporter> reporter_;
  std::unique_ptr<DriverWatch> driver_watch_;
  std::unique_ptr<Allocations> allocations_;
  std::unique_ptr<Poller> poller_;

  // Declared last: calls on the pools end first (the destructor waits for them), then the mailbox that they post to,
  // then what its functions use.
  Mailbox mailbox_;
  StartGate starts_{mailbox_, Pools::most_starts};
  Pools pools_;
};

}  // namespace orch::client
