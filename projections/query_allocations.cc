// Allocations: put together from the chunk that placed them and the rows of what happened since.
#include <algorithm>

#include "core/base/time_text.h"
#include "core/model/json_text.h"
#include "projections/queries_impl.h"

namespace orch {
namespace {

// The best fit, 1/65535 of the greatest, as Nomad's bin-packing figure (0 to 18).
double shown_score(std::uint16_t score) { return static_cast<double>(score) * 18.0 / 65535.0; }

// Fills the holes of a resources template (rows.h).
void fill(std::string& out, std::string_view text, const NodeRow& node, const ColumnView<std::uint16_t>& ports,
          std::size_t first_port) {
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '\x01' && c != '\x02' && c != '\x03') continue;
    out += text.substr(plain, i - plain);
    if (c == '\x01') out += node.ip;
    if (c == '\x02') out += node.device;
    if (c == '\x03') {
      const std::size_t place = static_cast<unsigned char>(text[i + 1]) | static_cast<unsigned char>(text[i + 2]) << 8;
      const std::size_t at = first_port + place;
      append_number(out, at < ports.size() ? ports[at] : 0);
      i += 2;
    }
    plain = i + 1;
  }
  out += text.substr(plain);
}

}  // namespace

std::optional<Queries::Impl::Allocation> Queries::Impl::allocation(std::uint32_t n) const {
  const auto row = snapshot->at_or_before(Table::chunks, key_of(n));
  if (!row) return {};
  Allocation a{.number = n, .chunk = ChunkRow::decode(row->value)};
  a.place = n - number_in(row->key);
  if (a.place >= a.chunk.nodes.size()) return {};
  a.group = a.chunk.group;
  a.version = a.chunk.version;
  a.evaluation = a.chunk.evaluation;
  a.deployment = a.chunk.deployment;
  if (!a.chunk.previous.empty()) a.previous = {a.chunk.previous[a.place]};
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
    cache.job_json.clear();
  }
  if (cache.node != a.node().value) {
    cache.node = a.node().value;
    cache.node_row = NodeRow::decode(newest(Table::nodes, cache.node)->value);
  }
}

// The fields that the list entry and the whole object share.
void Queries::Impl::append_stub(std::string& out, Cache& cache, const Allocation& a) const {
  load(cache, a);
  const std::string_view group = cache.version_row.groups[a.group].name;
  out += "\"ClientDescription\":";
  append_quoted(out, a.client_description);
  out += ",\"ClientStatus\":\"";
  out += text(static_cast<ClientStatus>(a.client));
  out += "\",\"CreateIndex\":";
  append_number(out, a.chunk.index);
  out += ",\"CreateTime\":";
  append_number(out, a.chunk.wall.ns);
  out += ",\"DeploymentStatus\":";
  if (a.health == 0) {
    out += "null";
  } else {
    out += "{\"Canary\":false,\"Healthy\":";
    append_bool(out, a.health == 1);
    out += ",\"ModifyIndex\":";
    append_number(out, a.health_index);
    out += ",\"Timestamp\":";
    append_quoted(out, rfc3339(a.health_time));
    out += '}';
  }
  out += ",\"DesiredDescription\":\"";
  if (static_cast<DesiredStatus>(a.desired) != DesiredStatus::run) out += text(static_cast<StopReason>(a.reason));
  out += "\",\"DesiredStatus\":\"";
  out += text(static_cast<DesiredStatus>(a.desired));
  out += "\",\"DesiredTransition\":{\"ForceReschedule\":null,\"Migrate\":null,\"Reschedule\":null},\"EvalID\":\"";
  ids.append_uuid(out, IdKind::evaluation, a.evaluation.value);
  out += "\",\"FollowupEvalID\":\"\",\"ID\":\"";
  ids.append_uuid(out, IdKind::allocation, a.number);
  out += "\",\"JobID\":";
  append_quoted(out, cache.job_row.id);
  out += ",\"JobType\":";
  append_quoted(out, cache.version_row.type);
  out += ",\"JobVersion\":";
  append_number(out, a.version);
  out += ",\"ModifyIndex\":";
  append_number(out, a.modify_index);
  out += ",\"ModifyTime\":";
  append_number(out, a.modify_time.ns);
  out += ",\"Name\":";
  append_quoted(out, std::string(cache.job_row.id) + "." + std::string(group) + "[" +
                         std::to_string(a.chunk.names[a.place]) + "]");
  out += ",\"Namespace\":\"default\",\"NodeID\":\"";
  out += cache.node_row.uuid;
  out += "\",\"NodeName\":";
  append_quoted(out, cache.node_row.name);
  out += ",\"RescheduleTracker\":";
  append_reschedule_tracker(out, a);
  out += ",\"TaskGroup\":";
  append_quoted(out, group);
  out += ",\"TaskStates\":";
  out += a.task_states.empty() ? std::string_view("null") : a.task_states;
}

void Queries::Impl::append_reschedule_tracker(std::string& out, const Allocation& a) const {
  constexpr std::size_t most_events = 5;
  std::vector<std::string> events;
  WallTime replaced_at = a.chunk.wall;
  for (AllocationNumber p = a.previous; p && events.size() < most_events;) {
    const auto before = allocation(p.value);
    if (!before || static_cast<ClientStatus>(before->client) != ClientStatus::failed) break;
    // The policy's delay was waited for between the failure and the new placement; whole seconds of it are told.
    const std::int64_t waited =
        std::max<std::int64_t>(0, replaced_at.ns - before->modify_time.ns) / 1'000'000'000 * 1'000'000'000;
    std::string event = "{\"Delay\":" + std::to_string(waited) + ",\"PrevAllocID\":\"";
    ids.append_uuid(event, IdKind::allocation, p.value);
    event += "\",\"PrevNodeID\":\"";
    event += NodeRow::decode(newest(Table::nodes, before->node().value)->value).uuid;
    event += "\",\"RescheduleTime\":" + std::to_string(replaced_at.ns) + "}";
    events.push_back(std::move(event));
    replaced_at = before->chunk.wall;
    p = before->previous;
  }
  if (events.empty()) {
    out += "null";
    return;
  }
  out += "{\"Events\":";
  char separator = '[';
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    out += separator;
    out += *event;
    separator = ',';
  }
  out += "]}";
}

void Queries::Impl::append_whole(std::string& out, Cache& cache, const Allocation& a, bool with_job) const {
  out += '{';
  append_stub(out, cache, a);
  out += ",\"AllocModifyIndex\":";
  append_number(out, a.alloc_modify_index);
  out += ",\"DeploymentID\":\"";
  if (a.deployment) ids.append_uuid(out, IdKind::deployment, a.deployment.value);
  out += '"';
  if (with_job) {
    if (cache.job_json.empty()) cache.job_json = job_json(cache.job_row, cache.version_row, a.version);
    out += ",\"Job\":";
    out += cache.job_json;
  }
  out += ",\"Metrics\":{";
  if (!a.chunk.metrics.empty()) {
    out += a.chunk.metrics;
    out += ',';
  }
  out += "\"Scores\":{\"";
  out += cache.node_row.uuid;
  out += ".binpack\":";
  append_number(out, shown_score(a.chunk.scores[a.place]));
  out += "}},\"NextAllocation\":\"";
  if (a.next) ids.append_uuid(out, IdKind::allocation, a.next.value);
  out += "\",\"PreviousAllocation\":\"";
  if (a.previous) ids.append_uuid(out, IdKind::allocation, a.previous.value);
  out += "\",";
  fill(out, cache.version_row.groups[a.group].resources, cache.node_row, a.chunk.ports,
       std::size_t{a.place} * a.chunk.ports_each);
  out += '}';
}

Answer Queries::Impl::list(const std::vector<std::uint32_t>& numbers, bool whole, bool server_side_index,
                           LogIndex when_empty) const {
  Answer answer{.json = "["};
  Cache cache;
  for (std::uint32_t n : numbers) {
    const auto a = allocation(n);
    if (!a) continue;
    if (answer.json.size() > 1) answer.json += ',';
    if (whole) {
      append_whole(answer.json, cache, *a);
    } else {
      answer.json += '{';
      append_stub(answer.json, cache, *a);
      answer.json += '}';
    }
    answer.index = std::max(answer.index, server_side_index ? a->alloc_modify_index : a->modify_index);
  }
  answer.json += ']';
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
  impl_->append_whole(answer.json, cache, *a);
  return answer;
}

}  // namespace orch
