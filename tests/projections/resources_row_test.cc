// What a group's allocation gets: kept as columns, put together with one allocation's ports and its node's address.
#include "projections/resources_row.h"

#include <doctest/doctest.h>

namespace orch::test {
namespace {

TaskGroup group() {
  TaskGroup group;
  group.ephemeral_disk.size_mb = 300;
  group.networks = {{.mbits = 5, .dynamic_ports = {{.label = "shared"}}}};
  Task first, second;
  first.name = "first";
  first.resources.cpu = 100;
  first.resources.memory_mb = 64;
  first.resources.networks = {{.mode = "bridge",
                               .mbits = 10,
                               .dynamic_ports = {{.label = "http", .to = 80}, {.label = "more"}},
                               .reserved_ports = {{.label = "fixed", .value = 4646}}}};
  second.name = "sec\"ond";
  second.resources.cpu = 20;
  second.resources.memory_mb = 32;
  group.tasks = {first, second};
  return group;
}

std::string members(const ResourcesRow& row, const std::vector<std::uint16_t>& ports, std::size_t first_port) {
  const std::string bytes = RowWriter().column(ports).take();
  std::string out;
  JsonWriter json(out);
  json.object();
  row.append_members(json, {.ip = "10.0.0.1",
                            .device = "eth\"0",
                            .ports = RowReader(bytes).column<std::uint16_t>(),
                            .first_port = first_port});
  json.end();
  return out;
}

}  // namespace

TEST_CASE("ports go to their labels: the group's before the tasks', static before dynamic ones") {
  const std::string row = ResourcesRow::encode(group());
  const ResourcesRow read = ResourcesRow::decode(row);
  CHECK(read.port_count() == 4);
  const std::string shared =
      R"({"CIDR":"","Device":"eth\"0","DynamicPorts":[{"Label":"shared","To":0,"Value":21}],"IP":"10.0.0.1","MBits":5,)"
      R"("Mode":"host","ReservedPorts":null})";
  const std::string task =
      R"({"CIDR":"","Device":"eth\"0","DynamicPorts":[{"Label":"http","To":80,"Value":23},)"
      R"({"Label":"more","To":0,"Value":24}],"IP":"10.0.0.1","MBits":10,"Mode":"bridge",)"
      R"("ReservedPorts":[{"Label":"fixed","To":0,"Value":22}]})";
  CHECK(members(read, {11, 12, 13, 14, 21, 22, 23, 24}, 4) ==
        R"({"Resources":{"CPU":120,"DiskMB":300,"IOPS":0,"MemoryMB":96,"Networks":[)" + shared + "," + task +
            R"(]},"SharedResources":{"CPU":0,"DiskMB":300,"IOPS":0,"MemoryMB":0,"Networks":[)" + shared +
            R"(]},"TaskResources":{"first":{"CPU":100,"DiskMB":0,"IOPS":0,"MemoryMB":64,"Networks":[)" + task +
            R"(]},"sec\"ond":{"CPU":20,"DiskMB":0,"IOPS":0,"MemoryMB":32,"Networks":null}}})");
}

TEST_CASE("a port that the chunk does not have is 0") {
  const std::string row = ResourcesRow::encode(group());
  CHECK(members(ResourcesRow::decode(row), {}, 0).find(R"("Label":"http","To":80,"Value":0)") != std::string::npos);
}

}  // namespace orch::test
