#include "projections/event_lines.h"

#include <optional>

#include "core/model/json_writer.h"

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

struct Told {
  const char* topic;
  const char* type;
  std::string key;
  std::string object;
  std::vector<std::string> filter_keys;
};

// Answers whether the reader wants it.
bool append_event(JsonWriter& events, const TopicFilter& filter, LogIndex index, const Told& told) {
  if (!wanted(filter, told.topic, told.key, told.filter_keys)) return false;
  events.object().member("Topic", told.topic).member("Type", told.type).member("Key", told.key);
  events.member("Namespace", std::string_view(told.topic) == "Node" ? "" : "default").key("FilterKeys");
  if (told.filter_keys.empty()) {
    events.null();
  } else {
    events.array();
    for (const std::string& key : told.filter_keys) events.value(key);
    events.end();
  }
  events.member("Index", index).key("Payload").object().key_of(told.topic).raw(told.object).end().end();
  return true;
}

// Of an evaluation or allocation its job and deployment, of a deployment its job.
std::vector<std::string> filter_keys(const Queries& queries, Queries::Context context, std::uint32_t n) {
  std::vector<std::string> keys;
  const Queries::Belongs of = queries.belongs(context, n);
  if (of.job) keys.push_back(queries.id_of(Queries::Context::jobs, of.job.value));
  if (of.deployment) keys.push_back(queries.id_of(Queries::Context::deployments, of.deployment.value));
  return keys;
}

}  // namespace

std::string event_line(Queries& queries, LogIndex index, const std::vector<Queries::Happened>& happened,
                       const TopicFilter& filter) {
  queries.as_of(index);
  std::string line;
  JsonWriter json(line);
  json.object().member("Index", index).key("Events").array();
  bool some = false;
  std::set<std::pair<Queries::Context, std::uint32_t>>
      told;  // an object that changed twice is told once, as it is after
  for (const Queries::Happened& h : happened) {
    if (h.kind == EventKind::services_changed && (filter.contains("*") || filter.contains("Service"))) {
      for (Queries::ServiceChange& change : queries.service_changes(NodeNumber{h.number})) {
        some |= append_event(json, filter, index,
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
      some |= append_event(json, filter, index,
                           {topic->name, type_of(h.command, h.kind), queries.id_of(topic->context, n),
                            queries.object(topic->context, n, false), filter_keys(queries, topic->context, n)});
    }
  }
  json.end().end();
  return some ? line + '\n' : std::string();
}

}  // namespace orch
