#include "cli/commands/alloc_tasks.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "cli/api_client.h"
#include "cli/commands/alloc_lookup.h"
#include "cli/format/bytes.h"
#include "cli/format/color.h"
#include "cli/format/moment.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"

namespace orch::cli {
namespace {

using boost::json::value;

constexpr std::size_t most_events = 10;

// States by name; a task that has not told anything yet stands there with a null state.
std::map<std::string, const value*> tasks_of(const value& alloc) {
  static const value unknown;
  std::map<std::string, const value*> out;
  if (const auto* tasks = member_of(group_of_alloc(alloc), "Tasks").if_array()) {
    for (const auto& task : *tasks) out[text_of(task, "Name")] = &unknown;
  }
  if (const auto* states = member_of(alloc, "TaskStates").if_object()) {
    for (const auto& [name, state] : *states) out[name] = &state;
  }
  return out;
}

std::string state_of(const value& state) {
  const std::string name = text_of(state, "State");
  return name.empty() ? "pending" : name;
}

void add_addresses(std::vector<std::string>& out, const value& networks) {
  const auto* list = networks.if_array();
  if (list == nullptr) return;
  for (const auto& network : *list) {
    for (const char* kind : {"DynamicPorts", "ReservedPorts"}) {
      const auto* ports = member_of(network, kind).if_array();
      if (ports == nullptr) continue;
      for (const auto& port : *ports) {
        out.push_back(text_of(port, "Label") + ": " + text_of(network, "IP") + ":" +
                      std::to_string(number_of(port, "Value")));
      }
    }
  }
}

void print_resources(const value& alloc, const std::string& task, const value& usage) {
  const value& resources = member_of(member_of(alloc, "TaskResources"), task);
  if (!resources.is_object()) return;
  std::vector<std::string> addresses;
  add_addresses(addresses, member_of(resources, "Networks"));
  // Ports of the group belong to each of its tasks.
  add_addresses(addresses, member_of(member_of(alloc, "SharedResources"), "Networks"));
  std::string cpu = std::to_string(number_of(resources, "CPU"));
  std::string memory = binary_size(static_cast<std::uint64_t>(number_of(resources, "MemoryMB")) << 20);
  if (usage.is_object()) {
    cpu = whole(real_of(member_of(usage, "CpuStats"), "TotalTicks")) + "/" + cpu;
    memory = binary_size(static_cast<std::uint64_t>(number_of(member_of(usage, "MemoryStats"), "RSS"))) + "/" + memory;
  }
  const std::int64_t disk = number_of(member_of(alloc, "Resources"), "DiskMB");
  std::vector<std::vector<std::string>> rows{
      {"CPU", "Memory", "Disk", "IOPS", "Addresses"},
      {cpu + " MHz", memory, binary_size(static_cast<std::uint64_t>(disk) << 20),
       std::to_string(number_of(resources, "IOPS")), addresses.empty() ? "" : addresses[0]}};
  for (std::size_t i = 1; i < addresses.size(); ++i) rows.push_back({"", "", "", "", addresses[i]});
  print_line("Task Resources");
  print_line(table(rows));
}

// One figure of the driver's, as its name asks for it.
std::string figure(const value& stats, const std::string& name, bool memory) {
  static const std::map<std::string, const char*> members = {
      {"RSS", "RSS"},
      {"Cache", "Cache"},
      {"Swap", "Swap"},
      {"Max Usage", "MaxUsage"},
      {"Kernel Usage", "KernelUsage"},
      {"Kernel Max Usage", "KernelMaxUsage"},
      {"Percent", "Percent"},
      {"System Mode", "SystemMode"},
      {"User Mode", "UserMode"},
      {"Throttled Periods", "ThrottledPeriods"},
      {"Throttled Time", "ThrottledTime"},
  };
  const auto member = members.find(name);
  if (member == members.end()) return "";
  if (memory) return binary_size(static_cast<std::uint64_t>(number_of(stats, member->second)));
  if (name.starts_with("Throttled")) return std::to_string(number_of(stats, member->second));
  return percent(real_of(stats, member->second));
}

void print_details(const value& usage) {
  for (const bool memory : {true, false}) {
    const value& stats = member_of(usage, memory ? "MemoryStats" : "CpuStats");
    std::vector<std::string> names;
    if (const auto* measured = member_of(stats, "Measured").if_array()) {
      for (const auto& name : *measured) {
        if (name.is_string()) names.emplace_back(name.get_string());
      }
    }
    if (names.empty()) continue;
    std::sort(names.begin(), names.end());
    std::vector<std::vector<std::string>> rows{names, {}};
    for (const std::string& name : names) rows[1].push_back(figure(stats, name, memory));
    print_line(memory ? "\nMemory Stats" : "\nCPU Stats");
    print_line(table(rows));
  }
}

void print_events(const value& state) {
  print_line("\nTask Events:");
  print_line(key_values({{"Started At", instant(parse_instant(text_of(state, "StartedAt")))},
                         {"Finished At", instant(parse_instant(text_of(state, "FinishedAt")))},
                         {"Total Restarts", std::to_string(number_of(state, "Restarts"))},
                         {"Last Restart", instant(parse_instant(text_of(state, "LastRestart")))}}));
  print_line("\nRecent Events:");
  std::vector<std::vector<std::string>> rows{{"Time", "Type", "Description"}};
  if (const auto* events = member_of(state, "Events").if_array()) {
    for (auto e = events->rbegin(); e != events->rend() && rows.size() <= most_events; ++e) {
      const std::string told = text_of(*e, "DisplayMessage");
      rows.push_back(
          {instant({number_of(*e, "Time")}), text_of(*e, "Type"), told.empty() ? text_of(*e, "Message") : told});
    }
  }
  print_line(table(rows));
}

}  // namespace

void print_tasks(const value& alloc, const value& stats, bool details) {
  for (const auto& [name, state] : tasks_of(alloc)) {
    print_section("Task \"" + name + "\" is \"" + state_of(*state) + "\"");
    const value& usage = member_of(member_of(member_of(stats, "Tasks"), name), "ResourceUsage");
    print_resources(alloc, name, usage);
    if (details) print_details(usage);
    print_events(*state);
  }
}

void print_task_summary(const value& alloc) {
  std::vector<std::vector<std::string>> rows{{"Name", "State", "Last Event", "Time"}};
  for (const auto& [name, state] : tasks_of(alloc)) {
    const auto* events = member_of(*state, "Events").if_array();
    const bool any = events != nullptr && !events->empty();
    rows.push_back({name, state_of(*state), any ? text_of(events->back(), "Type") : "<none>",
                    any ? instant({number_of(events->back(), "Time")}) : "<none>"});
  }
  print_section("Tasks");
  print_line(table(rows));
}

}  // namespace orch::cli
