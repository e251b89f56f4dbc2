#include "projections/node_row.h"

#include "core/base/assert.h"
#include "core/base/hash.h"
#include "core/base/time_text.h"
#include "core/model/job_json.h"
#include "projections/row_codec.h"

namespace orch {
namespace {

// What is unique to a node does not count.
std::uint64_t class_of(const Node& node) {
  std::uint64_t h = mix(digest_text(node.datacenter), digest_text(node.node_class));
  for (const StringMap* map : {&node.attributes, &node.meta}) {
    for (const auto& [key, value] : *map) {
      if (!key.starts_with("unique.")) h = mix(h, mix(digest_text(key), digest_text(value)));
    }
  }
  return h;
}

std::string encode_events(const std::vector<NodeEvent>& events) {
  RowWriter out;
  out.number(static_cast<std::uint32_t>(events.size()));
  for (const NodeEvent& e : events) {
    out.number(e.index).number(e.wall.ns).text(e.subsystem).text(e.message).text(e.driver);
  }
  return out.take();
}

std::string encode_driver_states(const Node& node) {
  RowWriter out;
  out.number(static_cast<std::uint32_t>(node.drivers.size()));
  for (const auto& [name, driver] : node.drivers) out.text(name).number(driver.detected).number(driver.healthy);
  return out.take();
}

void append_event(JsonWriter& json, const NodeEvent& event) {
  json.object().member("CreateIndex", event.index).key("Details");
  if (event.driver.empty()) {
    json.null();
  } else {
    json.object().member("driver", event.driver).end();
  }
  json.member("Message", event.message).member("Subsystem", event.subsystem);
  json.member("Timestamp", rfc3339(event.wall)).end();
}

}  // namespace

std::string NodeRow::encode(const NodeState& state, const std::vector<NodeEvent>& events) {
  const Node& node = *state.node;
  ORCH_ASSERT(!node.id.empty(), "a node that is in the state has an id");
  const bool has_network = !node.resources.networks.empty();
  const auto version = node.attributes.find("nomad.version");
  std::string drivers, fields;
  append_drivers(drivers, node.drivers);
  append_node_fields(fields, node);
  RowWriter out;
  out.number(state.create_index).number(state.modify_index).number(state.status).number(state.eligible);
  out.number(state.status_at.ns).text(node.id).text(node.name).text(node.datacenter).text(node.node_class);
  out.text(version == node.attributes.end() ? std::string_view() : version->second);
  out.text(has_network ? std::string_view(node.resources.networks[0].ip) : "127.0.0.1");
  out.text(has_network ? std::string_view(node.resources.networks[0].device) : "lo");
  out.number(class_of(node)).text(drivers).text(fields).text(encode_events(events)).text(encode_driver_states(node));
  return out.take();
}

NodeRow NodeRow::decode(std::string_view row) {
  RowReader in(row);
  NodeRow n;
  n.create_index = in.number<LogIndex>();
  n.modify_index = in.number<LogIndex>();
  n.status = in.number<NodeStatus>();
  n.eligible = in.number<bool>();
  n.status_at = {in.number<std::int64_t>()};
  for (std::string_view* text : {&n.uuid, &n.name, &n.datacenter, &n.node_class, &n.version, &n.ip, &n.device}) {
    *text = in.text();
  }
  n.computed_class = in.number<std::uint64_t>();
  for (std::string_view* text : {&n.drivers, &n.fields, &n.events_, &n.driver_states_}) *text = in.text();
  ORCH_ASSERT(in.at_end(), "a row is as long as its format says");
  return n;
}

std::vector<NodeEvent> NodeRow::events() const {
  RowReader in(events_);
  std::vector<NodeEvent> events(in.number<std::uint32_t>());
  for (NodeEvent& e : events) {
    e.index = in.number<LogIndex>();
    e.wall = {in.number<std::int64_t>()};
    for (std::string* text : {&e.subsystem, &e.message, &e.driver}) *text = in.text();
  }
  return events;
}

std::vector<NodeRow::Driver> NodeRow::driver_states() const {
  RowReader in(driver_states_);
  std::vector<Driver> drivers(in.number<std::uint32_t>());
  for (Driver& driver : drivers) {
    driver.name = in.text();
    driver.detected = in.number<bool>();
    driver.healthy = in.number<bool>();
  }
  return drivers;
}

void NodeRow::append_changing_members(JsonWriter& json) const {
  json.member("CreateIndex", create_index).member("Drain", false).member("ModifyIndex", modify_index);
  json.member("SchedulingEligibility", eligible ? "eligible" : "ineligible").member("Status", text(status));
  json.member("StatusDescription", "");
}

void NodeRow::append_whole(JsonWriter& json) const {
  json.object().raw_members(fields);
  append_changing_members(json);
  json.member("ComputedClass", "v1:" + std::to_string(computed_class)).null_member("DrainStrategy");
  json.key("Events").array();
  for (const NodeEvent& event : events()) append_event(json, event);
  json.end().member("SecretID", "").member("StatusUpdatedAt", status_at.ns / 1'000'000'000);
  json.member("TLSEnabled", false).end();
}

void NodeRow::append_entry(JsonWriter& json) const {
  json.object().member("Address", ip);
  append_changing_members(json);
  json.member("Datacenter", datacenter).member("ID", uuid).member("Name", name).member("NodeClass", node_class);
  json.member("Version", version).key("Drivers").raw(drivers).end();
}

}  // namespace orch
