#include "cli/commands/node_usage.h"

#include <boost/json.hpp>

#include "cli/format/bytes.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"
#include "core/base/format.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

constexpr std::int64_t mib = 1 << 20;

std::int64_t total(const NodeUsage& usage, const char* name) {
  return number_of(member_of(usage.node, "Resources"), name) - number_of(member_of(usage.node, "Reserved"), name);
}

std::string mhz(double used, std::int64_t of) { return fmt::format("{}/{} MHz", whole(used), of); }

std::string sizes(std::int64_t used, std::int64_t of) {
  return binary_size(static_cast<std::uint64_t>(used)) + "/" + binary_size(static_cast<std::uint64_t>(of));
}

template <class F>
void each_running(const NodeUsage& usage, F f) {
  const auto* list = usage.allocations.if_array();
  if (list == nullptr) return;
  for (const auto& a : *list) {
    if (text_of(a, "ClientStatus") == "running") f(a);
  }
}

std::string blocks(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "\n\n") + part;
  return out;
}

}  // namespace

void print_allocated(const NodeUsage& usage) {
  std::int64_t cpu = 0, memory = 0, disk = 0, iops = 0;
  each_running(usage, [&](const boost::json::value& a) {
    const boost::json::value& r = member_of(a, "Resources");
    cpu += number_of(r, "CPU");
    memory += number_of(r, "MemoryMB");
    disk += number_of(r, "DiskMB");
    iops += number_of(r, "IOPS");
  });
  print_section("Allocated Resources");
  print_line(
      table({{"CPU", "Memory", "Disk", "IOPS"},
             {mhz(static_cast<double>(cpu), total(usage, "CPU")), sizes(memory * mib, total(usage, "MemoryMB") * mib),
              sizes(disk * mib, total(usage, "DiskMB") * mib),
              std::to_string(iops) + "/" + std::to_string(total(usage, "IOPS"))}}));
}

void print_allocation_utilization(const NodeUsage& usage, ApiClient& agent) {
  double cpu = 0;
  std::int64_t memory = 0;
  each_running(usage, [&](const boost::json::value& a) {
    auto stats = agent.get("/v1/client/allocation/" + net::percent_encoded(text_of(a, "ID")) + "/stats");
    if (!stats) return;  // it may have ended since the list was made
    const boost::json::value& r = member_of(stats->json, "ResourceUsage");
    cpu += real_of(member_of(r, "CpuStats"), "TotalTicks");
    memory += number_of(member_of(r, "MemoryStats"), "RSS");
  });
  print_section("Allocation Resource Utilization");
  print_line(
      table({{"CPU", "Memory"}, {mhz(cpu, total(usage, "CPU")), sizes(memory, total(usage, "MemoryMB") * mib)}}));
}

void print_host_utilization(const NodeUsage& usage) {
  const boost::json::value& memory = member_of(usage.host, "Memory");
  // The disk that holds the allocations: of the volume that the node has told, or of their folder.
  const std::string volume = text_of(member_of(usage.node, "Attributes"), "unique.storage.volume");
  const boost::json::value* disk = &member_of(usage.host, "AllocDirStats");
  if (const auto* disks = member_of(usage.host, "DiskStats").if_array(); disks != nullptr && !volume.empty()) {
    for (const auto& d : *disks) {
      if (text_of(d, "Device") == volume) disk = &d;
    }
  }
  print_section("Host Resource Utilization");
  print_line(table({{"CPU", "Memory", "Disk"},
                    {mhz(real_of(usage.host, "CPUTicksConsumed"), number_of(member_of(usage.node, "Resources"), "CPU")),
                     sizes(number_of(memory, "Used"), number_of(memory, "Total")),
                     sizes(number_of(*disk, "Used"), number_of(*disk, "Size"))}}));
}

void print_host_details(const NodeUsage& usage) {
  std::vector<std::string> parts;
  if (const auto* cpus = member_of(usage.host, "CPU").if_array()) {
    for (const auto& c : *cpus) {
      parts.push_back(key_values({{"CPU", text_of(c, "CPU")},
                                  {"User", percent(real_of(c, "User"))},
                                  {"System", percent(real_of(c, "System"))},
                                  {"Idle", percent(real_of(c, "Idle"))}}));
    }
  }
  print_section("CPU Stats");
  print_line(blocks(parts));

  auto size = [](const boost::json::value& of, const char* name) {
    return binary_size(static_cast<std::uint64_t>(number_of(of, name)));
  };
  const boost::json::value& memory = member_of(usage.host, "Memory");
  print_section("Memory Stats");
  print_line(key_values({{"Total", size(memory, "Total")},
                         {"Available", size(memory, "Available")},
                         {"Used", size(memory, "Used")},
                         {"Free", size(memory, "Free")}}));

  parts.clear();
  if (const auto* disks = member_of(usage.host, "DiskStats").if_array()) {
    for (const auto& d : *disks) {
      parts.push_back(key_values({{"Device", text_of(d, "Device")},
                                  {"MountPoint", text_of(d, "Mountpoint")},
                                  {"Size", size(d, "Size")},
                                  {"Used", size(d, "Used")},
                                  {"Available", size(d, "Available")},
                                  {"Used Percent", percent(real_of(d, "UsedPercent"))},
                                  {"Inodes Percent", percent(real_of(d, "InodesUsedPercent"))}}));
    }
  }
  print_section("Disk Stats");
  print_line(blocks(parts));
}

}  // namespace orch::cli
