#include "core/reducer/fit.h"

#include <algorithm>
#include <vector>

namespace orch {

bool has_a_port_twice(std::span<const std::uint16_t> ports) {
  constexpr std::size_t few = 16;
  if (ports.size() <= few) {
    for (auto port = ports.begin(); port != ports.end(); ++port) {
      if (std::find(ports.begin(), port, *port) != port) return true;
    }
    return false;
  }
  std::vector<bool> seen(0x10000, false);
  for (const std::uint16_t port : ports) {
    if (seen[port]) return true;
    seen[port] = true;
  }
  return false;
}

}  // namespace orch
