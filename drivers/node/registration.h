// How the servers know this node: its document, its secret, and the beat that keeps it known.
//
// The document is never changed, only replaced: whoever has got it may keep it. The beat registers the node, then sends
// heartbeats twice within the time that the servers grant; it registers again when they don't know the node, or when
// `again` asks for it. Once registered the node counts as registered for good.
//
// Threads: one of its own beats; all functions from any thread. One lock guards the document and what the beat is told;
// a second is held while a new document is made from the one before, so that no change is lost; it is taken first.
// Lifetime: the api outlives it, and is cancelled before `stop`, which joins the thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "core/model/node.h"
#include "drivers/node/identity.h"
#include "drivers/node/say.h"
#include "drivers/node/server_api.h"

namespace orch::client {

class Registration {
 public:
  Registration(ServerApi& api, Identity identity, Node node, Say say);
  ~Registration();  ///< stops

  /// Begins to beat, after `before` has run on the beat's thread.
  void start(std::function<void()> before);

  const std::string& node_id() const { return identity_.node_id; }
  std::shared_ptr<const Node> node() const;
  bool registered() const;

  /// Replaces the document by what `edit` makes of a copy, unless it answers that nothing has changed. The servers
  /// learn of it by `again`. Answers what `edit` answered.
  bool change(const std::function<bool(Node&)>& edit);
  /// The node is registered again as soon as the servers can be reached.
  void again();

  /// False when it ends by `stop`.
  bool wait_until_registered();
  void stop();  ///< idempotent

 private:
  void beat();

  ServerApi& api_;
  const Identity identity_;
  const Say say_;
  std::mutex describing_;     // held while a document is made from the one before
  mutable std::mutex mutex_;  // all below
  std::condition_variable wake_;
  std::shared_ptr<const Node> node_;
  bool again_ = false, registered_ = false, stopping_ = false;
  std::thread thread_;  // made by `start`, joined by `stop`
};

}  // namespace orch::client
