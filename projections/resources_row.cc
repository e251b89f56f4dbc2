#include "projections/resources_row.h"

#include "core/base/assert.h"

namespace orch {
namespace {

void write_ports(RowWriter& out, const std::vector<Port>& ports) {
  out.number(static_cast<std::uint32_t>(ports.size()));
  for (const Port& port : ports) out.text(port.label).number(port.to);
}

void write_networks(RowWriter& out, const std::vector<NetworkResource>& networks) {
  out.number(static_cast<std::uint32_t>(networks.size()));
  for (const NetworkResource& network : networks) {
    out.number(network.mbits).text(network.mode.empty() ? "host" : std::string_view(network.mode));
    write_ports(out, network.reserved_ports);
    write_ports(out, network.dynamic_ports);
  }
}

std::vector<ResourcesRow::AskedPort> read_ports(RowReader& in) {
  std::vector<ResourcesRow::AskedPort> ports(in.number<std::uint32_t>());
  for (auto& port : ports) {
    port.label = in.text();
    port.to = in.number<std::int32_t>();
  }
  return ports;
}

std::vector<ResourcesRow::Network> read_networks(RowReader& in) {
  std::vector<ResourcesRow::Network> networks(in.number<std::uint32_t>());
  for (auto& network : networks) {
    network.mbits = in.number<std::int32_t>();
    network.mode = in.text();
    network.fixed = read_ports(in);
    network.dynamic = read_ports(in);
  }
  return networks;
}

// Writes the parts of one allocation and counts its ports on the way.
class Writer {
 public:
  Writer(JsonWriter& json, const ResourcesRow::Given& given) : json_(json), given_(given) {}

  void begin(const ResourcesRow::Amounts& amounts) {
    json_.object().member("CPU", amounts.cpu).member("DiskMB", amounts.disk_mb).member("IOPS", 0);
    json_.member("MemoryMB", amounts.memory_mb).key("Networks");
    some_ = false;
  }
  void networks(const std::vector<ResourcesRow::Network>& networks) {
    for (const ResourcesRow::Network& network : networks) {
      if (!some_) json_.array();
      some_ = true;
      one(network);
    }
  }
  void end() {
    some_ ? json_.end() : json_.null();  // a list without elements is null
    json_.end();
  }
  void count_from(std::uint32_t port) { next_port_ = port; }

 private:
  void one(const ResourcesRow::Network& network) {
    // JSON wants the dynamic ports first, which are numbered last.
    const std::uint32_t first_dynamic = next_port_ + static_cast<std::uint32_t>(network.fixed.size());
    json_.object().raw_members(R"("CIDR":"")").member("Device", given_.device).key("DynamicPorts");
    ports(network.dynamic, first_dynamic);
    json_.member("IP", given_.ip).member("MBits", network.mbits).member("Mode", network.mode).key("ReservedPorts");
    ports(network.fixed, next_port_);
    json_.end();
    next_port_ += network.port_count();
  }
  void ports(const std::vector<ResourcesRow::AskedPort>& list, std::uint32_t number) {
    if (list.empty()) {
      json_.null();
      return;
    }
    json_.array();
    for (const ResourcesRow::AskedPort& port : list) {
      json_.object().member("Label", port.label).member("To", port.to).member("Value", given_.port(number++)).end();
    }
    json_.end();
  }

  JsonWriter& json_;
  const ResourcesRow::Given& given_;
  std::uint32_t next_port_ = 0;
  bool some_ = false;
};

}  // namespace

std::string ResourcesRow::encode(const TaskGroup& group) {
  RowWriter out;
  out.number(std::int64_t{group.ephemeral_disk.size_mb});
  write_networks(out, group.networks);
  out.number(static_cast<std::uint32_t>(group.tasks.size()));
  for (const Task& task : group.tasks) {
    out.text(task.name);
    out.number(std::int64_t{task.resources.cpu});
    out.number(std::int64_t{task.resources.disk_mb});
    out.number(std::int64_t{task.resources.memory_mb});
    write_networks(out, task.resources.networks);
  }
  return out.take();
}

ResourcesRow ResourcesRow::decode(std::string_view row) {
  RowReader in(row);
  ResourcesRow made;
  made.disk_mb = in.number<std::int64_t>();
  made.networks = read_networks(in);
  made.tasks.resize(in.number<std::uint32_t>());
  for (TaskPart& task : made.tasks) {
    task.name = in.text();
    task.amounts.cpu = in.number<std::int64_t>();
    task.amounts.disk_mb = in.number<std::int64_t>();
    task.amounts.memory_mb = in.number<std::int64_t>();
    task.networks = read_networks(in);
  }
  ORCH_ASSERT(in.at_end(), "a row is as long as its format says");
  return made;
}

std::uint32_t ResourcesRow::port_count() const {
  std::uint32_t count = 0;
  for (const Network& network : networks) count += network.port_count();
  for (const TaskPart& task : tasks) {
    for (const Network& network : task.networks) count += network.port_count();
  }
  return count;
}

void ResourcesRow::append_members(JsonWriter& json, const Given& given) const {
  Amounts sum{.disk_mb = disk_mb};
  for (const TaskPart& task : tasks) {
    sum.cpu += task.amounts.cpu;
    sum.memory_mb += task.amounts.memory_mb;
  }
  Writer writer(json, given);
  json.key("Resources");
  writer.begin(sum);
  writer.networks(networks);
  for (const TaskPart& task : tasks) writer.networks(task.networks);
  writer.end();

  json.key("SharedResources");
  writer.count_from(0);
  writer.begin({.disk_mb = disk_mb});
  writer.networks(networks);
  writer.end();

  json.key("TaskResources").object();  // their ports go on behind the group's
  for (const TaskPart& task : tasks) {
    json.key_of(task.name);
    writer.begin(task.amounts);
    writer.networks(task.networks);
    writer.end();
  }
  json.end();
}

}  // namespace orch
