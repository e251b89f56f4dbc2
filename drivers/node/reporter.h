// Tells the servers what changed: allocation states in batches, and the node's services.
//
// What is put replaces what was put for the same allocation and not yet sent; what the servers have taken already is
// not sent again, also after a restart of the agent (they would note it as a change). The first change goes out at
// once, later ones at most every `pause`. A batch that could not be delivered is sent again, unchanged and under the
// same key, until a server takes or refuses it, so its outcome is never in doubt. Thread-safe; one thread of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "drivers/node/server_api.h"

namespace orch::client {

class Reporter {
 public:
  struct Hooks {
    std::function<void()> unknown_node;                ///< the servers don't know us: register again
    std::function<void(const std::string&)> warn;      ///< a sentence for the log
    /// What the servers have taken: allocation → mark, for `taken_before`. On the reporter's thread.
    std::function<void(const std::map<std::string, std::string>&)> taken;
  };
  Reporter(ServerApi& api, std::string node_id, Duration pause, Hooks hooks);
  ~Reporter();  ///< stops

  /// `item` is one object of the report's "Alloc" list.
  void put_allocation(const std::string& alloc_id, std::string item);
  void forget(const std::string& alloc_id);
  /// An earlier process was told that the servers took the report with this mark.
  void taken_before(const std::string& alloc_id, std::string mark);
  /// As `put_allocation`, but is sent also if the servers took it before: they have lost it.
  void put_again(const std::string& alloc_id, std::string item);
  /// JSON list of all services of the node.
  void put_services(std::string list);

  /// Waits until all that was put is delivered, at most this long; answers whether it is.
  bool flush(Duration most);
  void stop();

 private:
  void run();
  enum class Delivery { taken, refused, cancelled };
  Delivery deliver(bool services, const std::string& body);
  void note_taken(const std::map<std::string, std::string>& items);
  bool pause_for(Duration time);

  ServerApi& api_;
  const std::string node_id_;
  const Duration pause_;
  const Hooks hooks_;
  std::mutex mutex_;
  std::condition_variable wake_, quiet_;
  std::map<std::string, std::string> allocations_, marks_;  // to be sent; of what was taken last
  std::optional<std::string> services_;
  bool sending_ = false, stopping_ = false;
  std::thread thread_;
};

}  // namespace orch::client
