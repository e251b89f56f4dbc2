// Thousands of node clients in one thread: each registers, sends heartbeats, holds one long poll for its allocations
// and reports what it is told to run as running (and healthy where a deployment waits), all over the servers' real
// routes in their compact form (schemas/node_messages.fbs). Tasks are not run: a report says so at once.
//
// The long polls have a connection each; registrations, heartbeats and reports share a few. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "tests/bench/reactor.h"

namespace orch::bench {

struct FleetOptions {
  net::Endpoint server;
  std::uint32_t nodes = 100;
  std::uint32_t classes = 3;               ///< node_class is class-1 … class-N, in turn
  std::vector<std::string> datacenters{"dc1"};
  std::int32_t cpu = 4000, memory_mb = 8192, disk_mb = 100 * 1024;
  std::string driver = "mock_driver";
  Duration poll_pause = milliseconds(500);  ///< after an answer, before the next long poll: changes gather meanwhile
  Duration poll_wait = seconds(60);
  std::uint32_t shared_connections = 256;
  double failing = 0;                       ///< this share of allocations is reported failed
  std::uint64_t seed = 1;
};

class NodeFleet {
 public:
  NodeFleet(Reactor& reactor, FleetOptions options);
  ~NodeFleet();

  void start();
  /// Nodes fall silent (no heartbeat, no poll, no report), or come back.
  void disconnect(std::uint32_t first, std::uint32_t count);
  void reconnect(std::uint32_t first, std::uint32_t count);

  struct Counts {
    std::uint64_t registered = 0, polls = 0, reports = 0, errors = 0;
    std::uint64_t running = 0, failed = 0, stopped = 0;  ///< allocations that the servers have taken as such
    std::uint64_t waiting = 0;                           ///< requests that wait for a shared connection
  };
  const Counts& counts() const { return counts_; }
  std::string last_error() const { return last_error_; }

 private:
  struct Node;
  struct Job {
    std::string request;
    std::function<void(const Reply&)> done;
  };
  void share(std::string request, OnReply done);
  void serve();
  void register_node(Node& node);
  void beat(Node& node);
  void poll(Node& node);
  void take(Node& node, std::string_view body);
  void report(Node& node, std::string body, std::uint64_t running, std::uint64_t failed, std::uint64_t stopped);
  void failed(const Reply& reply, const char* doing);
  bool fails(std::uint32_t allocation) const;

  Reactor& reactor_;
  FleetOptions options_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::unique_ptr<Connection>> shared_;
  std::deque<Job> jobs_;
  std::int64_t ttl_ns_ = 10'000'000'000;
  Counts counts_;
  std::string last_error_;
};

}  // namespace orch::bench
