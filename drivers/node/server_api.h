// What the node client asks of the servers: a port, so that tests run a client without one, and its HTTP adapter.
//
// Calls block. Each `Channel` is one kept-alive connection and serialises its callers, so that the long poll for
// allocations never stands in the way of a heartbeat. An error is final for this call: the caller decides when to try
// again (Backoff). A channel that fails goes on to the next server of the list at the next call.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/model/node.h"
#include "drivers/net/http_client.h"

namespace orch::client {

struct ApiError {
  enum class Kind {
    unreachable,   ///< no server answered: try again
    unknown_node,  ///< the server does not know this node: register first
    refused,       ///< answered with an error that the same request will get again
    cancelled,     ///< `cancel` was called
  };
  Kind kind;
  std::string message;
};

class ServerApi {
 public:
  virtual ~ServerApi() = default;

  /// Registers the node or describes it anew; answers within which time heartbeats are expected.
  virtual std::expected<Duration, ApiError> register_node(const Node& node, const std::string& secret) = 0;
  virtual std::expected<Duration, ApiError> heartbeat(const std::string& node_id) = 0;

  struct Allocations {
    std::uint64_t index = 0;
    std::string body;  ///< JSON list of whole allocations
  };
  /// Answers once something is newer than `index`, or after `wait`.
  virtual std::expected<Allocations, ApiError> allocations(const std::string& node_id, std::uint64_t index,
                                                           Duration wait) = 0;

  /// `key` makes a repeat of the same report harmless. Bodies: {"Alloc":[…]} and {"Services":[…]}.
  virtual std::expected<void, ApiError> update_allocations(const std::string& node_id, const std::string& body,
                                                           const std::string& key) = 0;
  virtual std::expected<void, ApiError> update_services(const std::string& node_id, const std::string& body,
                                                        const std::string& key) = 0;

  /// Ends every call under way and to come with `cancelled`. Any thread.
  virtual void cancel() = 0;
};

/// `servers`: "127.0.0.1:4646", "http://host:port"; at least one. Answers which entry cannot be read.
std::expected<std::unique_ptr<ServerApi>, std::string> make_http_server_api(const std::vector<std::string>& servers);

/// Growing pauses between attempts: doubles from `first` to `most`.
class Backoff {
 public:
  Backoff(Duration first, Duration most) : first_(first), most_(most), next_(first) {}
  Duration next() {
    const Duration now = next_;
    next_ = next_ * 2 < most_ ? next_ * 2 : most_;
    return now;
  }
  void reset() { next_ = first_; }

 private:
  Duration first_, most_, next_;
};

}  // namespace orch::client
