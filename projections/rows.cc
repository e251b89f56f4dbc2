#include "projections/rows.h"

#include "core/base/hash.h"
#include "core/base/time_text.h"
#include "core/model/job_json.h"
#include "core/model/json_text.h"

namespace orch {

void RefusalRow::encode(RowWriter& out, const CommandOutcome& outcome) {
  out.text(outcome.refusal).number(outcome.repeated ? outcome.first_index : 0).number(outcome.refused_placements);
}

RefusalRow RefusalRow::decode(std::string_view row) {
  RowReader r(row);
  RefusalRow made{};
  made.reason = r.text();
  made.first_index = r.number<LogIndex>();
  made.refused_placements = r.number<std::uint32_t>();
  return made;
}
namespace {

void append_networks(std::string& out, const std::vector<NetworkResource>& networks, std::uint16_t& place) {
  if (networks.empty()) {
    out += "null";
    return;
  }
  auto ports = [&](const std::vector<Port>& list) {
    if (list.empty()) {
      out += "null";
      return;
    }
    out += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i != 0) out += ',';
      out += "{\"Label\":";
      append_quoted(out, list[i].label);
      out += ",\"To\":";
      append_number(out, list[i].to);
      out += ",\"Value\":\x03";
      out += static_cast<char>(place & 0xff);
      out += static_cast<char>(place >> 8);
      out += '}';
      ++place;
    }
    out += ']';
  };
  out += '[';
  for (std::size_t i = 0; i < networks.size(); ++i) {
    if (i != 0) out += ',';
    // The order of ports is that of GroupShape: a network's static ports, then its dynamic ones. JSON wants the dynamic
    // ones first, so they are written with their places computed ahead.
    const auto statics = static_cast<std::uint16_t>(networks[i].reserved_ports.size());
    const std::uint16_t begin = place;
    out += "{\"CIDR\":\"\",\"Device\":\"\x02\",\"DynamicPorts\":";
    place = static_cast<std::uint16_t>(begin + statics);
    ports(networks[i].dynamic_ports);
    const std::uint16_t end = place;
    out += ",\"IP\":\"\x01\",\"MBits\":";
    append_number(out, networks[i].mbits);
    out += ",\"Mode\":";
    append_quoted(out, networks[i].mode.empty() ? "host" : networks[i].mode);
    out += ",\"ReservedPorts\":";
    place = begin;
    ports(networks[i].reserved_ports);
    place = std::max(end, place);
    out += '}';
  }
  out += ']';
}

void append_amounts(std::string& out, std::int64_t cpu, std::int64_t disk, std::int64_t memory) {
  out += "{\"CPU\":";
  append_number(out, cpu);
  out += ",\"DiskMB\":";
  append_number(out, disk);
  out += ",\"IOPS\":0,\"MemoryMB\":";
  append_number(out, memory);
  out += ",\"Networks\":";
}

std::string resources_template(const TaskGroup& group) {
  std::int64_t cpu = 0, memory = 0;
  std::vector<NetworkResource> all = group.networks;
  for (const Task& task : group.tasks) {
    cpu += task.resources.cpu;
    memory += task.resources.memory_mb;
    all.insert(all.end(), task.resources.networks.begin(), task.resources.networks.end());
  }
  const std::int64_t disk = group.ephemeral_disk.size_mb;
  std::string out = "\"Resources\":";
  std::uint16_t place = 0;
  append_amounts(out, cpu, disk, memory);
  append_networks(out, all, place);
  out += "},\"SharedResources\":";
  append_amounts(out, 0, disk, 0);
  place = 0;
  append_networks(out, group.networks, place);
  out += "},\"TaskResources\":{";
  for (std::size_t i = 0; i < group.tasks.size(); ++i) {
    const Task& task = group.tasks[i];
    if (i != 0) out += ',';
    append_quoted(out, task.name);
    out += ':';
    append_amounts(out, task.resources.cpu, task.resources.disk_mb, task.resources.memory_mb);
    append_networks(out, task.resources.networks, place);
    out += '}';
  }
  out += '}';
  return out;
}

// Nodes that are alike to the scheduler have the same: what is unique to a node does not count.
std::string computed_class(const Node& node) {
  std::uint64_t h = mix(digest_text(node.datacenter), digest_text(node.node_class));
  for (const StringMap* map : {&node.attributes, &node.meta}) {
    for (const auto& [key, value] : *map) {
      if (!key.starts_with("unique.")) h = mix(h, mix(digest_text(key), digest_text(value)));
    }
  }
  return "v1:" + std::to_string(h);
}

}  // namespace

std::string index_key(LogIndex index) {
  return key_of(static_cast<std::uint32_t>(index >> 32), static_cast<std::uint32_t>(index));
}

LogIndex index_of_key(std::string_view key) { return static_cast<LogIndex>(number_in(key)) << 32 | number_in(key, 4); }

std::string noun_key(Noun noun) {
  static constexpr const char* names[noun_count] = {"jobs",        "nodes",       "allocations",
                                                    "evaluations", "deployments", "services"};
  return std::string("index:") + names[static_cast<std::size_t>(noun)];
}

std::string JobRow::encode(const JobState& job) {
  RowWriter w;
  w.text(job.id).number(job.create_index).number(job.modify_index).number(job.summary_index);
  w.number(job.status).number(job.stopped).number(job.purged).number(job.deployment.value);
  w.number(static_cast<std::uint32_t>(job.versions.size()));
  for (const JobVersion& v : job.versions) w.number(v.version).number(v.stable);
  w.number(static_cast<std::uint32_t>(job.summary.size()));
  for (const GroupSummary& s : job.summary) {
    w.text(s.name)
        .number(s.queued)
        .number(s.starting)
        .number(s.running)
        .number(s.failed)
        .number(s.complete)
        .number(s.lost);
  }
  return w.take();
}

JobRow JobRow::decode(std::string_view row) {
  RowReader r(row);
  JobRow job;
  job.id = r.text();
  job.create_index = r.number<LogIndex>();
  job.modify_index = r.number<LogIndex>();
  job.summary_index = r.number<LogIndex>();
  job.status = r.number<std::uint8_t>();
  job.stopped = r.number<bool>();
  job.purged = r.number<bool>();
  job.deployment = {r.number<std::uint32_t>()};
  for (auto left = r.number<std::uint32_t>(); left != 0; --left) {
    const auto number = r.number<std::uint32_t>();
    job.versions.push_back({number, r.number<bool>()});
  }
  for (auto left = r.number<std::uint32_t>(); left != 0; --left) {
    Group group{.name = r.text()};
    for (std::uint32_t& count : group.counts) count = r.number<std::uint32_t>();
    job.groups.push_back(group);
  }
  return job;
}

bool JobRow::stable(std::uint32_t version) const {
  for (const Version& v : versions) {
    if (v.number == version) return v.stable;
  }
  return false;
}

std::string JobVersionRow::encode(const JobVersion& version, bool stop) {
  RowWriter w;
  std::string fields;
  fields.reserve(4096);
  append_job_fields(fields, *version.job);
  w.number(version.job_modify_index).number(version.submit_time.ns).number(stop).text(version.job->type).text(fields);
  w.number(static_cast<std::uint32_t>(version.job->task_groups.size()));
  for (std::size_t i = 0; i < version.job->task_groups.size(); ++i) {
    w.text(version.job->task_groups[i].name).text(resources_template(version.job->task_groups[i]));
    w.number(version.shapes[i].port_count());
  }
  return w.take();
}

JobVersionRow JobVersionRow::decode(std::string_view row) {
  RowReader r(row);
  JobVersionRow v;
  v.job_modify_index = r.number<LogIndex>();
  v.submit_time = {r.number<std::int64_t>()};
  v.stop = r.number<bool>();
  v.type = r.text();
  v.fields = r.text();
  for (auto left = r.number<std::uint32_t>(); left != 0; --left) {
    Group group{.name = r.text(), .resources = r.text()};
    group.ports = r.number<std::uint32_t>();
    v.groups.push_back(group);
  }
  return v;
}

std::string encode_chunk(const State& state, LogIndex index, WallTime wall, std::uint32_t first, std::uint32_t count,
                         std::string_view metrics) {
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
  w.number(lead.deployment.value).number(lead.group).number(static_cast<std::uint16_t>(ports_each)).text(metrics);
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
  c.metrics = r.text();
  c.nodes = r.column<std::uint32_t>();
  c.names = r.column<std::uint32_t>();
  c.previous = r.column<std::uint32_t>();
  c.scores = r.column<std::uint16_t>();
  c.ports = r.column<std::uint16_t>();
  return c;
}

void DesiredRow::encode(RowWriter& w, const AllocationState& a, WallTime wall) {
  w.number(a.desired).number(a.client).number(a.reason).number(a.group).number(a.job_version);
  w.number(a.evaluation.value).number(a.deployment.value).number(a.next.value).number(wall.ns);
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

std::string NodeRow::encode(const NodeState& state, const std::vector<std::string>& events) {
  const Node& node = *state.node;
  std::string stub = "{\"Address\":";
  const std::string ip = node.resources.networks.empty() ? std::string("127.0.0.1") : node.resources.networks[0].ip;
  const std::string device = node.resources.networks.empty() ? std::string("lo") : node.resources.networks[0].device;
  append_quoted(stub, ip);
  std::string own = ",\"CreateIndex\":";
  append_number(own, state.create_index);
  own += ",\"Drain\":false,\"ModifyIndex\":";
  append_number(own, state.modify_index);
  own +=
      std::string(",\"SchedulingEligibility\":\"") + (state.eligible ? "eligible" : "ineligible") + "\",\"Status\":\"";
  own += text(state.status);
  own += "\",\"StatusDescription\":\"\"";
  stub += own + ",\"Datacenter\":";
  append_quoted(stub, node.datacenter);
  stub += ",\"ID\":";
  append_quoted(stub, node.id);
  stub += ",\"Name\":";
  append_quoted(stub, node.name);
  stub += ",\"NodeClass\":";
  append_quoted(stub, node.node_class);
  const auto version = node.attributes.find("nomad.version");
  stub += ",\"Version\":";
  append_quoted(stub, version == node.attributes.end() ? std::string() : version->second);
  std::string whole = "{";
  append_node_fields(whole, node);
  const std::size_t drivers = whole.find("\"Drivers\":");
  if (drivers != std::string::npos) {
    // The list entry shows the drivers too; they are copied from the whole object up to the next field.
    const std::size_t end = whole.find(",\"HTTPAddr\":", drivers);
    stub += ',' + whole.substr(drivers, end - drivers);
  }
  stub += '}';
  whole += own + ",\"ComputedClass\":\"" + computed_class(node) + "\",\"DrainStrategy\":null,\"Events\":[";
  for (const std::string& event : events) whole += (whole.back() == '[' ? "" : ",") + event;
  whole += "],\"SecretID\":\"\",\"StatusUpdatedAt\":";
  append_number(whole, state.status_at.ns / 1'000'000'000);
  whole += ",\"TLSEnabled\":false}";
  RowWriter w;
  w.number(state.modify_index)
      .number(static_cast<std::uint8_t>(state.status))
      .number(static_cast<std::uint8_t>(state.eligible));
  w.text(node.id).text(node.name).text(ip).text(device).text(stub).text(whole);
  w.number(static_cast<std::uint32_t>(events.size()));
  for (const std::string& event : events) w.text(event);
  return w.take();
}

NodeRow NodeRow::decode(std::string_view row) {
  RowReader r(row);
  NodeRow n;
  n.modify_index = r.number<LogIndex>();
  n.status = static_cast<NodeStatus>(r.number<std::uint8_t>());
  n.eligible = r.number<std::uint8_t>() != 0;
  n.uuid = r.text();
  n.name = r.text();
  n.ip = r.text();
  n.device = r.text();
  n.stub = r.text();
  n.whole = r.text();
  n.events.resize(r.number<std::uint32_t>());
  for (std::string_view& event : n.events) event = r.text();
  return n;
}

}  // namespace orch
