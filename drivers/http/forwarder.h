// Passes a request on to another agent and its answer back, streams included: a client-only agent to its servers, a
// server to the node that has an allocation.
//
// Each request under way holds one thread that blocks (at most `most_at_once`; beyond that 503). Targets are tried in
// turn, beginning with the one that answered last, until one can be reached; a write carries an idempotency key, so
// sending it a second time is harmless. A request that was passed on says so in a header, and is passed on no more
// often than client → server → node. A reader that goes away ends the request behind it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "drivers/net/http_client.h"
#include "drivers/net/http_server.h"
#include "drivers/net/pool.h"

namespace orch::http {

/// How often a request was passed on before it came here.
inline constexpr char hops_header[] = "X-Orch-Hops";
int hops_of(const net::ServerRequest& request);

/// What is passed on of a request: method, target, body, and the headers that mean something to the other agent.
net::HttpRequest request_to_pass(const net::ServerRequest& request);

class Forwarder {
 public:
  static constexpr std::size_t most_at_once = 512;

  ~Forwarder();  ///< stops

  /// `targets`: at least one. `unreachable`: status and beginning of the answer when none can be reached.
  struct Unreachable {
    int status = 502;
    std::string text;
  };
  void pass_on(net::HttpRequest request, std::vector<net::Endpoint> targets, int hops, Unreachable unreachable,
               net::Responder responder);

  /// Ends what is under way: streams end in order, other requests are answered 503. Idempotent.
  void stop();

 private:
  struct Call;
  void run(Call& call);
  void watch();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::set<Call*> calls_;
  bool stopping_ = false;
  std::atomic<std::size_t> preferred_ = 0;  // of the targets of the last call that moved on
  std::thread watcher_;
  net::Pool pool_{{.threads = most_at_once, .queue = most_at_once}};
};

}  // namespace orch::http
