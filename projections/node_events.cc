#include "projections/node_events.h"

#include "core/base/assert.h"

namespace orch {

NodeEvents::NodeEvents(std::string_view row) : known_(true) {
  const NodeRow before = NodeRow::decode(row);
  status_ = before.status;
  eligible_ = before.eligible;
  list_ = before.events();
  for (const NodeRow::Driver& driver : before.driver_states()) {
    drivers_[std::string(driver.name)] = {driver.detected, driver.healthy};
  }
}

void NodeEvents::add(LogIndex index, WallTime wall, std::string_view subsystem, std::string_view message,
                     std::string_view driver) {
  if (list_.size() == kept) list_.erase(list_.begin());
  const WallTime seconds{wall.ns / 1'000'000'000 * 1'000'000'000};
  list_.push_back({index, seconds, std::string(subsystem), std::string(message), std::string(driver)});
  ORCH_ASSERT(list_.size() <= kept, "a node's newest events are kept, no more");
}

bool NodeEvents::fold(const NodeState& node, LogIndex index, WallTime wall) {
  const bool other_status = known_ && node.status != status_;
  if (!known_) {
    add(0, node.registered_at, "Cluster", "Node registered");  // Nomad's first event has no index
  } else {
    if (other_status && node.status == NodeStatus::down) add(index, wall, "Cluster", "Node heartbeat missed");
    if (other_status && node.status == NodeStatus::ready) add(index, wall, "Cluster", "Node reregistered by heartbeat");
    if (node.eligible != eligible_) {
      add(index, wall, "Cluster",
          node.eligible ? "Node marked as eligible for scheduling" : "Node marked as ineligible for scheduling");
    }
  }
  std::map<std::string, Driver, std::less<>> drivers;
  for (const auto& [name, info] : node.node->drivers) {
    const Driver now{info.detected, info.healthy};
    drivers[name] = now;
    const auto before = drivers_.find(name);
    if (before != drivers_.end() && before->second != now) add(index, wall, "Driver", info.health_description, name);
  }
  drivers_ = std::move(drivers);
  known_ = true;
  status_ = node.status;
  eligible_ = node.eligible;
  return other_status;
}

}  // namespace orch
