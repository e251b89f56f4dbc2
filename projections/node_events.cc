#include "projections/node_events.h"

#include <boost/json.hpp>

#include "core/base/time_text.h"
#include "core/model/json_text.h"
#include "projections/rows.h"

namespace orch {

NodeEvents::NodeEvents(std::string_view row) : known_(true) {
  const NodeRow before = NodeRow::decode(row);
  status_ = before.status;
  eligible_ = before.eligible;
  for (const std::string_view event : before.events) list_.emplace_back(event);
  boost::json::error_code error;
  const auto whole = boost::json::parse({before.whole.data(), before.whole.size()}, error);
  const auto* drivers = error ? nullptr : whole.as_object().if_contains("Drivers");
  if (drivers == nullptr || !drivers->is_object()) return;
  for (const auto& [name, driver] : drivers->get_object()) {
    const auto flag = [&](const char* key) {
      const auto* value = driver.is_object() ? driver.get_object().if_contains(key) : nullptr;
      return value != nullptr && value->is_bool() && value->get_bool();
    };
    drivers_[std::string(name)] = {flag("Detected"), flag("Healthy")};
  }
}

void NodeEvents::add(LogIndex index, WallTime wall, std::string_view subsystem, std::string_view message,
                     std::string_view driver) {
  std::string event = "{\"CreateIndex\":";
  append_number(event, static_cast<std::int64_t>(index));
  event += ",\"Details\":";
  if (driver.empty()) {
    event += "null";
  } else {
    event += "{\"driver\":";
    append_quoted(event, driver);
    event += '}';
  }
  event += ",\"Message\":";
  append_quoted(event, message);
  event += ",\"Subsystem\":";
  append_quoted(event, subsystem);
  event += ",\"Timestamp\":";
  append_quoted(event, rfc3339({wall.ns / 1'000'000'000 * 1'000'000'000}));
  event += '}';
  if (list_.size() == kept) list_.erase(list_.begin());
  list_.push_back(std::move(event));
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
