#include "projections/event_lines.h"

#include <boost/json.hpp>
#include <optional>

#include "core/model/json_text.h"

namespace orch {
namespace {

struct Topic {
  const char* name;
  Queries::Context context;
};

std::optional<Topic> topic_of(EventKind kind) {
  switch (kind) {
    case EventKind::job_registered:
    case EventKind::job_deregistered:
    case EventKind::job_changed:
      return Topic{"Job", Queries::Context::jobs};
    case EventKind::node_registered:
    case EventKind::node_changed:
      return Topic{"Node", Queries::Context::nodes};
    case EventKind::evaluation_changed:
      return Topic{"Evaluation", Queries::Context::evaluations};
    case EventKind::deployment_changed:
      return Topic{"Deployment", Queries::Context::deployments};
    case EventKind::allocations_placed:
    case EventKind::allocation_desired:
    case EventKind::allocation_health:
    case EventKind::allocation_client:
      return Topic{"Allocation", Queries::Context::allocations};
    case EventKind::services_changed:
      break;  // one event for each service
  }
  return {};
}

// Nomad names an event after the command that made it.
const char* type_of(wire::Command command, EventKind kind) {
  switch (command) {
    case wire::Command::RegisterJob:
      return "JobRegistered";
    case wire::Command::DeregisterJob:
      return "JobDeregistered";
    case wire::Command::EvaluateJob:
      return "EvaluationUpdated";
    case wire::Command::SetDeploymentStatus:
      return "DeploymentStatusUpdate";
    case wire::Command::SetAllocationHealth:
      return "DeploymentAllocHealth";
    case wire::Command::RegisterNode:
      return "NodeRegistration";
    case wire::Command::SetNodeStatus:
      return "NodeStreamEvent";
    case wire::Command::SetNodeEligibility:
      return "NodeEligibility";
    case wire::Command::UpdateAllocations:
      return kind == EventKind::deployment_changed ? "DeploymentAllocHealth" : "AllocationUpdated";
    case wire::Command::SubmitPlan:
      return "PlanResult";
    default:
      return kind == EventKind::deployment_changed ? "DeploymentStatusUpdate" : "EvaluationUpdated";
  }
}

bool wanted(const TopicFilter& filter, const std::string& topic, const std::string& key,
            const std::vector<std::string>& more) {
  for (const std::string& name : {std::string("*"), topic}) {
    const auto it = filter.find(name);
    if (it == filter.end()) continue;
    if (it->second.contains("*") || it->second.contains(key)) return true;
    for (const std::string& other : more) {
      if (it->second.contains(other)) return true;
    }
  }
  return false;
}

// Text of a member of an object, for keys; the objects are our own compact JSON.
std::string member(std::string_view json, std::string_view name) {
  const std::string sought = "\"" + std::string(name) + "\":\"";
  const std::size_t at = json.find(sought);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + sought.size();
  std::size_t end = begin;
  while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
  const std::string_view text = json.substr(begin, end - begin);
  if (text.find('\\') == std::string_view::npos) return std::string(text);
  return std::string(boost::json::parse(std::string("\"") + std::string(text) + "\"").as_string());
}

struct Told {
  const char* topic;
  const char* type;
  std::string key;
  std::string object;
  std::vector<std::string> filter_keys;
};

void append_event(std::string& events, const TopicFilter& filter, LogIndex index, const Told& told) {
  if (!wanted(filter, told.topic, told.key, told.filter_keys)) return;
  if (!events.empty()) events += ',';
  events += "{\"Topic\":\"" + std::string(told.topic) + "\",\"Type\":\"" + told.type +
            "\",\"Key\":" + quoted(told.key) + ",\"Namespace\":\"" +
            (std::string_view(told.topic) == "Node" ? "" : "default") + "\",\"FilterKeys\":";
  if (told.filter_keys.empty()) events += "null";
  char separator = '[';
  for (const std::string& key : told.filter_keys) {
    events += separator;
    append_quoted(events, key);
    separator = ',';
  }
  if (!told.filter_keys.empty()) events += ']';
  events += ",\"Index\":" + std::to_string(index) + ",\"Payload\":{\"" + told.topic + "\":" + told.object + "}}";
}

std::vector<std::string> filter_keys(const Topic& topic, const std::string& object) {
  std::vector<std::string> keys;
  if (topic.context == Queries::Context::jobs || topic.context == Queries::Context::nodes) return keys;
  keys.push_back(member(object, "JobID"));
  if (topic.context == Queries::Context::deployments) return keys;
  if (std::string deployment = member(object, "DeploymentID"); !deployment.empty())
    keys.push_back(std::move(deployment));
  return keys;
}

}  // namespace

std::string event_line(Queries& queries, LogIndex index, const std::vector<Queries::Happened>& happened,
                       const TopicFilter& filter) {
  queries.as_of(index);
  std::string events;
  std::set<std::pair<Queries::Context, std::uint32_t>>
      told;  // an object that changed twice is told once, as it is after
  for (const Queries::Happened& h : happened) {
    if (h.kind == EventKind::services_changed && (filter.contains("*") || filter.contains("Service"))) {
      for (Queries::ServiceChange& change : queries.service_changes(NodeNumber{h.number})) {
        append_event(events, filter, index,
                     {"Service",
                      change.gone ? "ServiceDeregistration" : "ServiceRegistration",
                      change.id,
                      std::move(change.json),
                      {change.job, change.name}});
      }
    }
    const auto topic = topic_of(h.kind);
    if (!topic || (!filter.contains("*") && !filter.contains(topic->name))) continue;
    if (h.count == 1 && !told.insert({topic->context, h.number}).second) continue;
    for (std::uint32_t n = h.number; n < h.number + h.count; ++n) {
      std::string object = queries.object(topic->context, n, false);
      auto keys = filter_keys(*topic, object);
      append_event(events, filter, index,
                   {topic->name, type_of(h.command, h.kind), queries.id_of(topic->context, n), std::move(object),
                    std::move(keys)});
    }
  }
  if (events.empty()) return {};
  return "{\"Index\":" + std::to_string(index) + ",\"Events\":[" + events + "]}\n";
}

}  // namespace orch
