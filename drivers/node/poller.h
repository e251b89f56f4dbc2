// The long poll for the node's allocations, and what of it was handed on already.
//
// The servers answer with the whole list; only allocations that are newer than what was handed on are read and handed
// on again, since a list of hundreds comes with each change of one. An answer that is older than the one before begins
// the count anew: it comes from a server that is behind, or from a history that began anew.
//
// Threads: one of its own, which has all state to itself; `start` and `stop` by the owner. Lifetime: what it is made
// with outlives it; the api is cancelled, the signal set and the registration stopped before `stop`, which joins.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "drivers/node/allocation_spec.h"
#include "drivers/node/registration.h"
#include "drivers/node/say.h"
#include "drivers/node/server_api.h"
#include "drivers/node/stop_signal.h"

namespace orch::client {

class Poller {
 public:
  /// The servers' latest list.
  struct News {
    std::vector<AllocationSpec> changed;  ///< new or newer than what was handed on
    std::set<std::string> listed;         ///< all ids of the list
    std::uint64_t index = 0;
  };
  /// Takes the news, on the poller's thread; answers after which time it wants the next, also without a change.
  using Take = std::function<std::optional<Duration>(News)>;

  Poller(ServerApi& api, Registration& registration, const StopSignal& stopping, Take take, Say say);
  ~Poller();  ///< stops

  /// Begins to poll once the node is registered, after `before` has run on the poller's thread.
  void start(std::function<void()> before);
  void stop();  ///< idempotent

 private:
  void poll();
  /// Nothing when the body is no JSON list.
  std::optional<News> read(const std::string& body, std::uint64_t index);

  ServerApi& api_;
  Registration& registration_;
  const StopSignal& stopping_;
  const Take take_;
  const Say say_;
  std::map<std::string, std::uint64_t> known_;  // allocation → AllocModifyIndex that was handed on
  std::thread thread_;
};

}  // namespace orch::client
