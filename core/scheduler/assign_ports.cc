#include "core/scheduler/assign_ports.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"

namespace orch {
namespace {

constexpr std::uint32_t range = dynamic_port_last - dynamic_port_first + 1;

/// Ports of one allocation, found one after the other. All static ones are known from the start, so that no dynamic
/// one takes what a later network of the group asks for.
class Assignment {
 public:
  Assignment(const PlannedNodes& nodes, NodeNumber n, const GroupShape& shape, LogIndex state_index)
      : nodes_(nodes),
        node_(n),
        static_ports_(shape.static_ports),
        // Odd factors from the golden ratio: neighbours in index or number begin far from each other.
        next_(static_cast<std::uint32_t>((state_index * 2654435761u + std::uint64_t{n.value} * 40503u) % range)) {
    std::sort(static_ports_.begin(), static_ports_.end());
    ports_.reserve(shape.port_count());
  }

  /// False when the network can't have its ports.
  bool add(const NetworkResource& network) {
    for (const Port& port : network.reserved_ports) {
      if (!take_if_any(static_cast<std::uint16_t>(port.value))) return false;
    }
    for (std::size_t i = 0; i < network.dynamic_ports.size(); ++i) {
      if (!take_if_any(dynamic())) return false;
    }
    return true;
  }
  std::vector<std::uint16_t> take() { return std::move(ports_); }

 private:
  // 0 is no port: none was found, or the log holds a job that reserves it.
  bool take_if_any(std::uint16_t port) {
    if (port != 0) ports_.push_back(port);
    return port != 0;
  }

  // Goes around the range once for all that the allocation asks for, so what it finds differs.
  std::uint16_t dynamic() {
    while (tried_ < range) {
      const auto port = static_cast<std::uint16_t>(dynamic_port_first + next_);
      ++tried_;
      next_ = (next_ + 1) % range;
      if (nodes_.port_free(node_, port) && !std::binary_search(static_ports_.begin(), static_ports_.end(), port))
        return port;
    }
    return 0;
  }

  const PlannedNodes& nodes_;
  const NodeNumber node_;
  std::vector<std::uint16_t> static_ports_;  // of the whole group, sorted
  std::uint32_t next_, tried_ = 0;
  std::vector<std::uint16_t> ports_;
};

}  // namespace

std::optional<std::vector<std::uint16_t>> assign_ports(const PlannedNodes& nodes, NodeNumber n, const TaskGroup& group,
                                                       const GroupShape& shape, LogIndex state_index) {
  if (shape.port_count() == 0) return std::vector<std::uint16_t>();
  Assignment assignment(nodes, n, shape, state_index);
  for (const NetworkResource& network : group.networks) {
    if (!assignment.add(network)) return std::nullopt;
  }
  for (const Task& task : group.tasks) {
    for (const NetworkResource& network : task.resources.networks) {
      if (!assignment.add(network)) return std::nullopt;
    }
  }
  std::vector<std::uint16_t> ports = assignment.take();
  ORCH_ASSERT(ports.size() == shape.port_count(), "a shape counts the ports of its group's networks");
  return ports;
}

}  // namespace orch
