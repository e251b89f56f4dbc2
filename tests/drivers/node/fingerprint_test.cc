#include "drivers/node/fingerprint.h"

#include <doctest/doctest.h>

#include <memory>

#include "drivers/uuid/uuid.h"
#include "drivers/node/identity.h"
#include "drivers/node/stats.h"
#include "drivers/uuid/uuid.h"
#include "projections/files/durable_file.h"
#include "tests/drivers/node/temp_folder.h"

using namespace orch;
using namespace orch::client;

TEST_CASE("the host's fingerprint has what placements ask for") {
  test::TempFolder folder;
  FingerprintOptions options;
  options.node_id = random_uuid();
  options.alloc_root = folder.path();
  options.network_interface = "lo";
  const Node node = fingerprint_host(options);
  CHECK(node.id == options.node_id);
  CHECK(node.name == node.attributes.at("unique.hostname"));
  CHECK(node.attributes.at("kernel.name") == "linux");
  CHECK(std::stoll(node.attributes.at("cpu.totalcompute")) == node.resources.cpu);
  CHECK(std::stoll(node.attributes.at("cpu.numcores")) > 0);
  CHECK(node.resources.memory_mb > 0);
  CHECK(node.resources.disk_mb > 0);
  REQUIRE_FALSE(node.resources.networks.empty());
  CHECK(node.resources.networks[0].ip == "127.0.0.1");
  CHECK(node.resources.networks[0].cidr == "127.0.0.1/32");
  CHECK(node.resources.networks[0].mbits == 1000);
}

TEST_CASE("a node keeps its identity") {
  test::TempFolder folder;
  const auto first = load_identity(folder.path());
  REQUIRE(first);
  CHECK(first->node_id.size() == 36);
  CHECK(first->node_id != first->secret);
  const auto second = load_identity(folder.path());
  REQUIRE(second);
  CHECK(second->node_id == first->node_id);
  CHECK(second->secret == first->secret);

  REQUIRE(write_file_durably(folder.path() + "/node-id", "nonsense"));
  const auto damaged = load_identity(folder.path());
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().find("expected a UUID") != std::string::npos);
}

TEST_CASE("usage is told with Nomad's names") {
  HostStats stats("/", 4000);
  const std::string host = stats.json({1795461534752000000});
  for (const char* name : {"AllocDirStats", "CPUTicksConsumed", "DiskStats", "InodesUsedPercent", "Uptime"}) {
    CHECK(host.find(name) != std::string::npos);
  }
  TaskStats usage;
  usage.memory_rss = 4096;
  usage.cpu_mhz = 12.5;
  const std::string alloc = allocation_stats_json({{"redis", usage}}, {7});
  CHECK(alloc.find("\"redis\":{\"ResourceUsage\":{\"MemoryStats\":{\"RSS\":4096") != std::string::npos);
  CHECK(alloc.find("\"TotalTicks\":12.5") != std::string::npos);
  CHECK(alloc.find("\"Percent\":0.0") != std::string::npos);
}
