#include "drivers/task/docker/container_usage.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "drivers/task/docker/engine_json.h"

namespace orch {
namespace {

namespace json = boost::json;
using namespace engine_json;

constexpr auto between_samples = std::chrono::milliseconds(100);

}  // namespace

std::expected<ContainerUsage::Sample, DriverError> ContainerUsage::sample(const std::string& handle) const {
  const auto stats =
      engine_.call("GET", "/containers/" + handle + "/stats?stream=false&one-shot=true", "", seconds(10));
  if (!stats) return std::unexpected(error_of(stats.error(), true));
  const json::value& cpu = at(*stats, {"cpu_stats"});
  Sample sample{.usage = {.container_ns = number(at(cpu, {"cpu_usage", "total_usage"})),
                          .user_ns = number(at(cpu, {"cpu_usage", "usage_in_usermode"})),
                          .kernel_ns = number(at(cpu, {"cpu_usage", "usage_in_kernelmode"})),
                          .system_ns = number(at(cpu, {"system_cpu_usage"}))},
                .cpus = std::max(1.0, number(at(cpu, {"online_cpus"})))};
  const json::value& memory = at(*stats, {"memory_stats"});
  const double cache = number(at(memory, {"stats", "inactive_file"})), usage = number(at(memory, {"usage"}));
  sample.memory.memory_cache = static_cast<std::uint64_t>(cache);
  sample.memory.memory_rss = static_cast<std::uint64_t>(std::max(0.0, usage - cache));
  sample.memory.memory_max = static_cast<std::uint64_t>(number(at(memory, {"max_usage"})));
  sample.memory.memory_swap = static_cast<std::uint64_t>(number(at(memory, {"stats", "swap"})));
  return sample;
}

std::expected<TaskStats, DriverError> ContainerUsage::measure(const std::string& handle) {
  const auto take_last = [&](std::optional<Usage> next) {
    std::lock_guard lock(mutex_);
    const auto it = last_.find(handle);
    const Usage last = it != last_.end() ? it->second : Usage{};
    if (next) last_[handle] = *next;
    return last;
  };
  // A share of time needs two moments.
  if (take_last({}).system_ns == 0) {
    const auto first = sample(handle);
    if (!first) return std::unexpected(first.error());
    take_last(first->usage);
    std::this_thread::sleep_for(between_samples);
  }
  const auto now = sample(handle);
  if (!now) return std::unexpected(now.error());
  const Usage last = take_last(now->usage);
  TaskStats stats = now->memory;
  if (const double span = now->usage.system_ns - last.system_ns; span > 0) {
    const auto percent = [&](double used) { return std::max(0.0, used) / span * now->cpus * 100; };
    stats.cpu_percent = percent(now->usage.container_ns - last.container_ns);
    stats.cpu_user_percent = percent(now->usage.user_ns - last.user_ns);
    stats.cpu_system_percent = percent(now->usage.kernel_ns - last.kernel_ns);
  }
  return stats;
}

void ContainerUsage::forget(const std::string& handle) {
  std::lock_guard lock(mutex_);
  last_.erase(handle);
}

}  // namespace orch
