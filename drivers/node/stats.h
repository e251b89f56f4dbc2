// Resource usage as Nomad's /v1/client/stats and /v1/client/allocation/:id/stats tell it.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/runner/task_driver.h"

namespace orch::client {

/// Usage of the host. Processor figures are means since the last call that was at least 100 ms ago. Thread-safe.
class HostStats {
 public:
  /// `cpu_total_mhz` turns percent into ticks; `alloc_root` is the folder of AllocDirStats.
  HostStats(std::string alloc_root, std::int32_t cpu_total_mhz);

  std::string json(WallTime now);

 private:
  struct Times {
    std::uint64_t user = 0, system = 0, idle = 0, total = 0;
  };
  struct Share {
    double user = 0, system = 0, idle = 0, total = 0;
  };
  static std::vector<Times> read_times();
  void sample();

  const std::string alloc_root_;
  const std::int32_t cpu_total_mhz_;
  std::mutex mutex_;
  std::vector<Times> last_;
  std::vector<Share> shares_;
  std::int64_t last_ns_ = 0;
};

/// Usage of an allocation's tasks by name, each taken at `now`; tasks that could not be measured are left out by the
/// caller.
std::string allocation_stats_json(const std::map<std::string, TaskStats>& tasks, WallTime now);

}  // namespace orch::client
