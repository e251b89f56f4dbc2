// Allocations: put together from the chunk that placed them and the rows of what happened since.
#include <algorithm>
#include <span>

#include "core/base/assert.h"
#include "core/base/time_text.h"
#include "core/model/json_text.h"
#include "core/model/tables.h"
#include "core/runner/task_states_json.h"
#include "projections/ids.h"
#include "projections/metrics_json.h"
#include "projections/queries_impl.h"

namespace orch {
namespace {

// The best fit, 1/65535 of the greatest, as Nomad's bin-packing figure (0 to 18).
double shown_score(std::uint16_t score) { return static_cast<double>(score) * 18.0 / 65535.0; }

template <class Allocation>
void take_ports(Allocation& a, const DesiredRow& told) {
  a.ports = told.ports;
  a.first_port = 0;
}

}  // namespace

std::optional<Queries::Impl::Allocation> Queries::Impl::allocation(std::uint32_t n) const {
  const auto row = snapshot->at_or_before(Table::chunks, key_of(n));
  if (!row) return {};
  Allocation a{.number = n, .chunk = ChunkRow::decode(row->value)};
  a.column = n - number_in(row->key);
  if (a.column >= a.chunk.nodes.size()) return {};
  a.group = a.chunk.group;
  a.version = a.chunk.version;
  a.evaluation = a.chunk.evaluation;
  a.deployment = a.chunk.deployment;
  if (!a.chunk.previous.empty()) a.previous = {a.chunk.previous[a.column]};
  a.ports = a.chunk.ports;
  a.first_port = std::size_t{a.column} * a.chunk.ports_each;
  a.alloc_modify_index = a.modify_index = a.chunk.index;
  a.modify_time = a.chunk.wall;
  LogIndex client_index = 0;
  const std::string reported = reported_key(a.node().value, n);
  if (const auto version = newest(Table::allocation_client, reported)) {
    const ClientRow client = ClientRow::decode(version->value);
    client_index = a.modify_index = version->index;
    a.client = client.client;
    a.modify_time = client.wall;
    a.client_description = client.description;
    a.task_states = client.task_states;
    if (a.task_states.empty()) {
      const auto told = newest_such(Table::allocation_client, reported,
                                    [](std::string_view v) { return !ClientRow::decode(v).task_states.empty(); });
      if (told) a.task_states = ClientRow::decode(told->value).task_states;
    }
  }
  if (const auto version = newest(Table::allocation_desired, n)) {
    const DesiredRow desired = DesiredRow::decode(version->value);
    a.desired = desired.desired;
    a.reason = desired.reason;
    a.group = desired.group;
    a.version = desired.version;
    a.evaluation = desired.evaluation;
    a.deployment = desired.deployment;
    a.next = desired.next;
    a.alloc_modify_index = version->index;
    if (!desired.ports.empty()) {
      take_ports(a, desired);
    } else if (a.version != a.chunk.version && a.chunk.ports_each != 0) {
      const auto told = newest_such(Table::allocation_desired, key_of(n),
                                    [](std::string_view v) { return !DesiredRow::decode(v).ports.empty(); });
      if (told) take_ports(a, DesiredRow::decode(told->value));
    }
    if (version->index >= client_index) {
      a.client = desired.client;
      a.modify_index = version->index;
      a.modify_time = desired.wall;
    }
  }
  if (const auto version = newest(Table::allocation_health, reported)) {
    const HealthRow health = HealthRow::decode(version->value);
    a.health = health.health;
    a.health_index = version->index;
    a.health_time = health.wall;
  }
  return a;
}

std::uint32_t Queries::Impl::allocation_end() const {
  const auto last = snapshot->at_or_before(Table::chunks, std::string(4, '\xff'));
  return last ? number_in(last->key) + ChunkRow::decode(last->value).nodes.size() : 0;
}

std::vector<std::uint32_t> Queries::Impl::allocations_of_chunks(Table table, std::uint32_t parent) const {
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t first : children(table, parent)) {
    if (const auto single = snapshot->get(table, key_of(parent, first)); single && !single->empty()) {
      numbers.push_back(first);
      continue;
    }
    const auto row = snapshot->get(Table::chunks, key_of(first));
    for (std::uint32_t i = ChunkRow::decode(*row).nodes.size(); i-- > 0;) numbers.push_back(first + i);
  }
  return numbers;
}

void Queries::Impl::load(Cache& cache, const Allocation& a) const {
  const std::uint32_t job = a.chunk.job.value;
  if (cache.job != job) {
    cache.job_row = JobRow::decode(newest(Table::jobs, job)->value);
    cache.job = job;
    cache.has_version = false;
  }
  if (!cache.has_version || cache.version != a.version) {
    cache.version_row = JobVersionRow::decode(*snapshot->get(Table::job_versions, key_of(job, a.version)));
    cache.version = a.version;
    cache.has_version = true;
    cache.has_resources = false;
    cache.job_json.clear();
  }
  if (cache.node != a.node().value) {
    cache.node = a.node().value;
    cache.node_row = NodeRow::decode(newest(Table::nodes, cache.node)->value);
  }
}

const ResourcesRow& Queries::Impl::resources_of(Cache& cache, const Allocation& a) const {
  ORCH_ASSERT(cache.has_version && cache.version == a.version, "the version is loaded before its resources");
  ORCH_ASSERT(a.group < cache.version_row.groups.size(), "an allocation's task group is in its job's version");
  if (!cache.has_resources || cache.group != a.group) {
    cache.resources = ResourcesRow::decode(cache.version_row.groups[a.group].resources);
    cache.group = a.group;
    cache.has_resources = true;
  }
  return cache.resources;
}

namespace {

/// `reported` as a report brought it; null where none has.
std::string task_states_of(std::string_view reported) {
  if (reported.empty()) return "null";
  const auto states = decode_task_states(std::as_bytes(std::span(reported)));
  return states ? task_states_json(states->tasks) : "null";
}

}  // namespace

void Queries::Impl::append_entry_members(JsonWriter& json, Cache& cache, const Allocation& a) const {
  load(cache, a);
  ORCH_ASSERT(a.group < cache.version_row.groups.size(), "an allocation's task group is in its job's version");
  const std::string_view group = cache.version_row.groups[a.group].name;
  json.member("ClientDescription", a.client_description);
  json.member("ClientStatus", text(static_cast<ClientStatus>(a.client)));
  json.member("CreateIndex", a.chunk.index).member("CreateTime", a.chunk.wall.ns).key("DeploymentStatus");
  if (a.health == 0) {
    json.null();
  } else {
    json.object().member("Canary", false).member("Healthy", a.health == 1).member("ModifyIndex", a.health_index);
    json.member("Timestamp", rfc3339(a.health_time)).end();
  }
  const auto desired = static_cast<DesiredStatus>(a.desired);
  json.member("DesiredDescription",
              desired != DesiredStatus::run ? text(static_cast<StopReason>(a.reason)) : std::string_view());
  json.member("DesiredStatus", text(desired)).key("DesiredTransition");
  json.raw(R"({"ForceReschedule":null,"Migrate":null,"Reschedule":null})");
  id_member(json, "EvalID", ids, IdKind::evaluation, a.evaluation);
  json.member("FollowupEvalID", "");
  id_member(json, "ID", ids, IdKind::allocation, AllocationNumber{a.number});
  json.member("JobID", cache.job_row.id).member("JobType", cache.version_row.type).member("JobVersion", a.version);
  json.member("ModifyIndex", a.modify_index).member("ModifyTime", a.modify_time.ns);
  std::string name(cache.job_row.id);
  name += '.';
  name += group;
  name += '[';
  append_number(name, a.chunk.names[a.column]);
  name += ']';
  json.member("Name", name).member("Namespace", "default");
  json.member("NodeID", cache.node_row.uuid).member("NodeName", cache.node_row.name).key("RescheduleTracker");
  append_reschedule_tracker(json, a);
  json.member("TaskGroup", group).key("TaskStates").raw(task_states_of(a.task_states));
}

void Queries::Impl::append_reschedule_tracker(JsonWriter& json, const Allocation& a) const {
  struct Replaced {
    std::int64_t waited;
    AllocationNumber allocation;
    std::string_view node;
    WallTime at;
  };
  constexpr std::size_t most_events = 5;
  std::vector<Replaced> events;
  WallTime replaced_at = a.chunk.wall;
  for (AllocationNumber p = a.previous; p && events.size() < most_events;) {
    const auto before = allocation(p.value);
    if (!before || static_cast<ClientStatus>(before->client) != ClientStatus::failed) break;
    // The policy's delay was waited for between the failure and the new placement; whole seconds of it are told.
    const std::int64_t waited =
        std::max<std::int64_t>(0, replaced_at.ns - before->modify_time.ns) / 1'000'000'000 * 1'000'000'000;
    const NodeRow node = NodeRow::decode(newest(Table::nodes, before->node().value)->value);
    events.push_back({waited, p, node.uuid, replaced_at});
    replaced_at = before->chunk.wall;
    p = before->previous;
  }
  if (events.empty()) {
    json.null();
    return;
  }
  json.object().key("Events").array();
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    json.object().member("Delay", event->waited);
    id_member(json, "PrevAllocID", ids, IdKind::allocation, event->allocation);
    json.member("PrevNodeID", event->node).member("RescheduleTime", event->at.ns).end();
  }
  json.end().end();
}

void Queries::Impl::append_whole(JsonWriter& json, Cache& cache, const Allocation& a, bool with_job) const {
  json.object();
  append_entry_members(json, cache, a);
  json.member("AllocModifyIndex", a.alloc_modify_index);
  id_member(json, "DeploymentID", ids, IdKind::deployment, a.deployment);
  if (with_job) {
    if (cache.job_json.empty()) {
      JsonWriter job(cache.job_json);
      append_job(job, cache.job_row, cache.version_row, a.version);
    }
    json.key("Job").raw(cache.job_json);
  }
  json.key("Metrics").object();
  if (const auto metrics = a.chunk.metrics()) append_metrics_members(json, *metrics, 0);
  json.key("Scores").object();
  std::string score_of(cache.node_row.uuid);
  score_of += ".binpack";
  json.key_of(score_of).value(shown_score(a.chunk.scores[a.column])).end().end();
  id_member(json, "NextAllocation", ids, IdKind::allocation, a.next);
  id_member(json, "PreviousAllocation", ids, IdKind::allocation, a.previous);
  resources_of(cache, a).append_members(
      json, {.ip = cache.node_row.ip, .device = cache.node_row.device, .ports = a.ports, .first_port = a.first_port});
  json.end();
}

Answer Queries::Impl::list(const std::vector<std::uint32_t>& numbers, bool whole, bool server_side_index,
                           LogIndex when_empty) const {
  Answer answer;
  JsonWriter json(answer.json);
  json.array();
  Cache cache;
  for (std::uint32_t n : numbers) {
    const auto a = allocation(n);
    if (!a) continue;
    if (whole) {
      append_whole(json, cache, *a);
    } else {
      json.object();
      append_entry_members(json, cache, *a);
      json.end();
    }
    answer.index = std::max(answer.index, server_side_index ? a->alloc_modify_index : a->modify_index);
  }
  json.end();
  if (answer.index == 0) answer.index = when_empty;
  return answer;
}

Answer Queries::allocations(std::string_view prefix) const {
  const LogIndex index = impl_->last_change(Noun::allocations);
  Answer answer =
      impl_->list(impl_->numbers_with(IdKind::allocation, impl_->allocation_end(), prefix), false, false, index);
  answer.index = index;
  return answer;
}

std::optional<Answer> Queries::allocation(std::string_view uuid) const {
  const auto n = impl_->ids.number(IdKind::allocation, uuid);
  const auto a = n ? impl_->allocation(*n) : std::nullopt;
  if (!a) return {};
  Answer answer{.index = a->modify_index};
  Impl::Cache cache;
  answer.json.reserve(8192);
  JsonWriter json(answer.json);
  impl_->append_whole(json, cache, *a);
  return answer;
}

}  // namespace orch
