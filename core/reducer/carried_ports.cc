#include "core/reducer/carried_ports.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "core/base/assert.h"

namespace orch {
namespace {

struct AskedPort {
  bool of_group;  // a network of the group itself; then no task
  std::string_view task;
  std::size_t network;
  std::string_view label;
  bool is_static;
  std::int32_t value, to;
  std::uint32_t position;

  // What makes it the same port in another version. A dynamic one's number is not the file's to say.
  auto identity() const { return std::tie(of_group, task, network, label, is_static, value, to); }
};

// In the order of shapes: the group's networks before its tasks', static ports before dynamic ones.
std::vector<AskedPort> asked_ports(const TaskGroup& group) {
  std::vector<AskedPort> asked;
  const auto add = [&](bool of_group, std::string_view task, const std::vector<NetworkResource>& networks) {
    for (std::size_t n = 0; n < networks.size(); ++n) {
      const auto one = [&](const Port& port, bool is_static) {
        const auto position = static_cast<std::uint32_t>(asked.size());
        asked.push_back({of_group, task, n, port.label, is_static, is_static ? port.value : 0, port.to, position});
      };
      for (const Port& port : networks[n].reserved_ports) one(port, true);
      for (const Port& port : networks[n].dynamic_ports) one(port, false);
    }
  };
  add(true, {}, group.networks);
  for (const Task& task : group.tasks) add(false, task.name, task.resources.networks);
  return asked;
}

bool are_alike(const std::vector<AskedPort>& a, const std::vector<AskedPort>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const AskedPort& x, const AskedPort& y) { return x.identity() == y.identity(); });
}

void sort(std::vector<AskedPort>& ports) {
  std::sort(ports.begin(), ports.end(), [](const AskedPort& a, const AskedPort& b) {
    return a.identity() != b.identity() ? a.identity() < b.identity() : a.position < b.position;
  });
}

}  // namespace

std::optional<std::vector<std::uint32_t>> carried_ports(const TaskGroup& before, const TaskGroup& now) {
  std::vector<AskedPort> had = asked_ports(before), wanted = asked_ports(now);
  std::vector<std::uint32_t> from;
  if (are_alike(had, wanted)) return from;
  sort(had);
  sort(wanted);
  if (!are_alike(had, wanted)) return std::nullopt;
  from.resize(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) from[wanted[i].position] = had[i].position;
  ORCH_ASSERT(!std::is_sorted(from.begin(), from.end()), "ports that are told to move do");
  return from;
}

}  // namespace orch
