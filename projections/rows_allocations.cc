// Rows of allocations, and of what changed for a node's.
#include <algorithm>

#include "projections/rows.h"

namespace orch {

namespace {

void write_counts(RowWriter& out, const std::vector<NamedCount>& counts) {
  out.number(static_cast<std::uint32_t>(counts.size()));
  for (const NamedCount& c : counts) out.text(c.name).number(c.count);
}

std::vector<NamedCount> read_counts(RowReader& in) {
  std::vector<NamedCount> counts(in.number<std::uint32_t>());
  for (NamedCount& c : counts) {
    c.name = in.text();
    c.count = in.number<decltype(c.count)>();
  }
  return counts;
}

std::string encode_metrics(const GroupMetrics& m) {
  RowWriter out;
  out.number(m.nodes_evaluated).number(m.nodes_filtered).number(m.nodes_exhausted);
  for (const auto* counts :
       {&m.nodes_available, &m.class_filtered, &m.constraint_filtered, &m.class_exhausted, &m.dimension_exhausted}) {
    write_counts(out, *counts);
  }
  return out.take();
}

}  // namespace

std::optional<GroupMetrics> ChunkRow::metrics() const {
  if (metrics_.empty()) return {};
  RowReader in(metrics_);
  GroupMetrics m;
  m.group = group;
  m.nodes_evaluated = in.number<decltype(m.nodes_evaluated)>();
  m.nodes_filtered = in.number<decltype(m.nodes_filtered)>();
  m.nodes_exhausted = in.number<decltype(m.nodes_exhausted)>();
  for (auto* counts :
       {&m.nodes_available, &m.class_filtered, &m.constraint_filtered, &m.class_exhausted, &m.dimension_exhausted}) {
    *counts = read_counts(in);
  }
  ORCH_ASSERT(in.at_end(), "a row is as long as its format says");
  return m;
}

std::string encode_chunk(const State& state, LogIndex index, WallTime wall, std::uint32_t first, std::uint32_t count,
                         const std::optional<GroupMetrics>& metrics) {
  const AllocationState& lead = state.allocations()[first];
  const std::uint32_t ports_each = state.shape_of(lead).port_count();
  std::vector<std::uint32_t> nodes(count), names(count), previous;
  std::vector<std::uint16_t> scores(count), ports;
  ports.reserve(std::size_t{count} * ports_each);
  for (std::uint32_t i = 0; i < count; ++i) {
    const AllocationState& a = state.allocations()[first + i];
    nodes[i] = a.node.value;
    names[i] = a.name;
    scores[i] = a.score;
    if (a.previous) {
      previous.resize(count, AllocationNumber::none_value);
      previous[i] = a.previous.value;
    }
    if (ports_each != 0) {
      const auto own = state.ports_of(AllocationNumber{first + i});
      ports.insert(ports.end(), own.begin(), own.end());
    }
  }
  RowWriter w;
  w.number(index).number(wall.ns).number(lead.job.value).number(lead.job_version).number(lead.evaluation.value);
  w.number(lead.deployment.value)
      .number(lead.group)
      .number(static_cast<std::uint16_t>(ports_each))
      .text(metrics ? encode_metrics(*metrics) : std::string());
  w.column(nodes).column(names).column(previous).column(scores).column(ports);
  return w.take();
}

ChunkRow ChunkRow::decode(std::string_view row) {
  RowReader r(row);
  ChunkRow c;
  c.index = r.number<LogIndex>();
  c.wall = {r.number<std::int64_t>()};
  c.job = {r.number<std::uint32_t>()};
  c.version = r.number<std::uint32_t>();
  c.evaluation = {r.number<std::uint32_t>()};
  c.deployment = {r.number<std::uint32_t>()};
  c.group = r.number<std::uint16_t>();
  c.ports_each = r.number<std::uint16_t>();
  c.metrics_ = r.text();
  c.nodes = r.column<std::uint32_t>();
  c.names = r.column<std::uint32_t>();
  c.previous = r.column<std::uint32_t>();
  c.scores = r.column<std::uint16_t>();
  c.ports = r.column<std::uint16_t>();
  return c;
}

void DesiredRow::encode(RowWriter& w, const AllocationState& a, WallTime wall,
                        const std::vector<std::uint16_t>& ports) {
  w.number(a.desired).number(a.client).number(a.reason).number(a.group).number(a.job_version);
  w.number(a.evaluation.value).number(a.deployment.value).number(a.next.value).number(wall.ns);
  w.column(ports);
}

DesiredRow DesiredRow::decode(std::string_view row) {
  RowReader r(row);
  DesiredRow d;
  d.desired = r.number<std::uint8_t>();
  d.client = r.number<std::uint8_t>();
  d.reason = r.number<std::uint8_t>();
  d.group = r.number<std::uint16_t>();
  d.version = r.number<std::uint32_t>();
  d.evaluation = {r.number<std::uint32_t>()};
  d.deployment = {r.number<std::uint32_t>()};
  d.next = {r.number<std::uint32_t>()};
  d.wall = {r.number<std::int64_t>()};
  d.ports = r.column<std::uint16_t>();
  return d;
}

void ClientRow::encode(RowWriter& w, std::uint8_t client, WallTime wall, std::string_view description,
                       std::string_view task_states) {
  w.number(client).number(wall.ns).text(description).text(task_states);
}

ClientRow ClientRow::decode(std::string_view row) {
  RowReader r(row);
  ClientRow c;
  c.client = r.number<std::uint8_t>();
  c.wall = {r.number<std::int64_t>()};
  c.description = r.text();
  c.task_states = r.text();
  return c;
}

void HealthRow::encode(RowWriter& w, Health health, WallTime wall) { w.number(health).number(wall.ns); }

HealthRow HealthRow::decode(std::string_view row) {
  RowReader r(row);
  HealthRow h;
  h.health = r.number<std::uint8_t>();
  h.wall = {r.number<std::int64_t>()};
  return h;
}

std::string NodeChangesRow::encode(const State& state, std::vector<std::uint32_t>& allocations) {
  std::sort(allocations.begin(), allocations.end());
  allocations.erase(std::unique(allocations.begin(), allocations.end()), allocations.end());
  std::vector<std::uint8_t> desired, watched;
  desired.reserve(allocations.size());
  watched.reserve(allocations.size());
  for (std::uint32_t n : allocations) {
    const AllocationState& a = state.allocations()[n];
    desired.push_back(static_cast<std::uint8_t>(a.desired));
    watched.push_back(a.deployment && a.health == Health::unset);
  }
  return RowWriter().column(allocations).column(desired).column(watched).take();
}

NodeChangesRow NodeChangesRow::decode(std::string_view row) {
  RowReader r(row);
  NodeChangesRow changes;
  changes.allocations = r.column<std::uint32_t>();
  changes.desired = r.column<std::uint8_t>();
  changes.watched = r.column<std::uint8_t>();
  return changes;
}

}  // namespace orch
