// The two ports between one allocation and the node that it runs on: what it asks, and what it tells.
//
// Called on the mailbox's thread where nothing else is said. Both outlive every allocation and every driver call.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/model/node.h"
#include "core/runner/task_driver.h"

namespace orch::client {

class AllocationRunner;

/// What an allocation asks of its node.
class AllocationHost {
 public:
  /// nullptr: this node has none of that name.
  virtual TaskDriver* driver(const std::string& name) const = 0;
  /// The node as it describes itself now.
  virtual std::shared_ptr<const Node> node() const = 0;
  /// A handle that was found running at start although nobody had noted it: given out once. Empty: none.
  virtual std::string take_stray(const std::string& alloc_id, const std::string& task) = 0;

 protected:
  ~AllocationHost() = default;
};

/// What an allocation tells its node.
class AllocationObserver {
 public:
  /// Something about it is different; `tell_servers`: something that they are to know.
  virtual void changed(AllocationRunner& runner, bool tell_servers) = 0;
  /// What the catalogue holds of it is out of date.
  virtual void services_changed() = 0;
  /// The driver could not remove what is left of a task: what it lists has to be looked at when it is well again.
  /// Any thread.
  virtual void look_again(TaskDriver& driver) = 0;
  /// A sentence for the agent's log. Any thread.
  virtual void say(std::string_view level, const std::string& text) const = 0;

 protected:
  ~AllocationObserver() = default;
};

}  // namespace orch::client
