#include "drivers/node/stats.h"

#include <sys/statvfs.h>

#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "core/model/json_text.h"
#include "core/model/json_writer.h"
#include "drivers/clock/clock.h"

namespace orch::client {
namespace {

/// A number that JSON readers take for one with a fraction, as Nomad writes them.
void fraction(JsonWriter& json, JsonKey name, double value) {
  std::string text;
  append_number(text, std::isfinite(value) ? value : 0.0);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  json.key(name).raw(text);
}

/// How full a file system is; nothing when it does not say so.
std::optional<struct statvfs> read_disk(const std::string& point) {
  struct statvfs info {};
  if (::statvfs(point.c_str(), &info) != 0 || info.f_blocks == 0) return std::nullopt;
  return info;
}

void write_disk(JsonWriter& json, const struct statvfs& info, const std::string& device,
                const std::string& shown_point) {
  const std::uint64_t block = info.f_frsize;
  const std::uint64_t size = info.f_blocks * block, available = info.f_bavail * block;
  const std::uint64_t used = (info.f_blocks - info.f_bfree) * block;
  json.object().member("Available", available).member("Device", device);
  fraction(json, "InodesUsedPercent",
           info.f_files == 0 ? 0.0 : 100.0 * static_cast<double>(info.f_files - info.f_ffree) / info.f_files);
  json.member("Mountpoint", shown_point).member("Size", size).member("Used", used);
  fraction(json, "UsedPercent", 100.0 * static_cast<double>(used) / static_cast<double>(size));
  json.end();
}

void write_memory(JsonWriter& json) {
  std::map<std::string, std::uint64_t> kib;
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string key;
    std::uint64_t value = 0;
    words >> key >> value;
    kib[key] = value;
  }
  const std::uint64_t total = kib["MemTotal:"], available = kib["MemAvailable:"];
  json.key("Memory").object();
  json.member("Available", available * 1024).member("Free", kib["MemFree:"] * 1024);
  json.member("Total", total * 1024).member("Used", (total - std::min(total, available)) * 1024);
  json.end();
}

void write_usage(JsonWriter& json, const TaskStats& s) {
  json.object().key("MemoryStats").object();
  json.member("RSS", s.memory_rss).member("Cache", s.memory_cache).member("Swap", s.memory_swap);
  json.member("MaxUsage", s.memory_max).member("KernelUsage", 0).member("KernelMaxUsage", 0);
  json.key("Measured").array().value("RSS").value("Cache").value("Swap").value("Max Usage").end().end();
  json.key("CpuStats").object();
  fraction(json, "SystemMode", s.cpu_system_percent);
  fraction(json, "UserMode", s.cpu_user_percent);
  fraction(json, "TotalTicks", s.cpu_mhz);
  json.member("ThrottledPeriods", 0).member("ThrottledTime", 0);
  fraction(json, "Percent", s.cpu_percent);
  json.key("Measured").array().value("System Mode").value("User Mode").value("Percent").end().end().end();
}

}  // namespace

HostStats::HostStats(std::string alloc_root, std::int32_t cpu_total_mhz)
    : alloc_root_(std::move(alloc_root)), cpu_total_mhz_(cpu_total_mhz), last_(read_times()), last_ns_(monotonic_ns()) {
  shares_.resize(last_.size());
}

std::vector<HostStats::Times> HostStats::read_times() {
  std::vector<Times> cores;
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, 3, "cpu") != 0 || line[3] == ' ') continue;
    std::istringstream words(line);
    std::string name;
    std::uint64_t user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0;
    words >> name >> user >> nice >> system >> idle >> wait >> irq >> soft >> steal;
    cores.push_back({user + nice, system + irq + soft, idle + wait,
                     user + nice + system + idle + wait + irq + soft + steal});
  }
  return cores;
}

void HostStats::sample() {
  const std::int64_t now = monotonic_ns();
  if (now - last_ns_ < 100'000'000) return;
  std::vector<Times> times = read_times();
  shares_.assign(times.size(), {});
  for (std::size_t i = 0; i < times.size() && i < last_.size(); ++i) {
    const double total = static_cast<double>(times[i].total - last_[i].total);
    if (total <= 0) continue;
    const double percent = 100.0 / total;
    shares_[i].user = static_cast<double>(times[i].user - last_[i].user) * percent;
    shares_[i].system = static_cast<double>(times[i].system - last_[i].system) * percent;
    shares_[i].idle = static_cast<double>(times[i].idle - last_[i].idle) * percent;
    shares_[i].total = 100.0 - shares_[i].idle;
  }
  last_ = std::move(times);
  last_ns_ = now;
}

std::string HostStats::json(WallTime now) {
  std::lock_guard lock(mutex_);
  sample();
  std::string out;
  JsonWriter json(out);
  json.object().key("AllocDirStats");
  if (const auto disk = read_disk(alloc_root_)) {
    write_disk(json, *disk, "", "");
  } else {
    json.null();
  }
  json.key("CPU");
  double busy = 0;
  if (shares_.empty()) {
    json.null();
  } else {
    json.array();
    for (std::size_t i = 0; i < shares_.size(); ++i) {
      json.object().member("CPU", "cpu" + std::to_string(i));
      fraction(json, "Idle", shares_[i].idle);
      fraction(json, "System", shares_[i].system);
      fraction(json, "Total", shares_[i].total);
      fraction(json, "User", shares_[i].user);
      json.end();
      busy += shares_[i].total;
    }
    json.end();
  }
  const double cores = shares_.empty() ? 1.0 : static_cast<double>(shares_.size());
  fraction(json, "CPUTicksConsumed", busy / 100.0 / cores * cpu_total_mhz_);
  json.key("DiskStats").array();
  std::ifstream mounts("/proc/self/mounts");
  std::set<std::string> seen;
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string device, point, type;
    words >> device >> point >> type;
    if (device.compare(0, 5, "/dev/") != 0 || !seen.insert(point).second) continue;
    if (const auto disk = read_disk(point)) write_disk(json, *disk, device, point);
  }
  json.end();
  write_memory(json);
  double uptime = 0;
  std::ifstream("/proc/uptime") >> uptime;
  json.member("Timestamp", static_cast<std::uint64_t>(now.ns)).member("Uptime", static_cast<std::uint64_t>(uptime));
  json.end();
  return out;
}

std::string allocation_stats_json(const std::map<std::string, TaskStats>& tasks, WallTime now) {
  TaskStats sum;
  for (const auto& [name, s] : tasks) {
    sum.cpu_percent += s.cpu_percent;
    sum.cpu_mhz += s.cpu_mhz;
    sum.cpu_system_percent += s.cpu_system_percent;
    sum.cpu_user_percent += s.cpu_user_percent;
    sum.memory_rss += s.memory_rss;
    sum.memory_cache += s.memory_cache;
    sum.memory_swap += s.memory_swap;
    sum.memory_max += s.memory_max;
  }
  std::string out;
  JsonWriter json(out);
  json.object().key("ResourceUsage");
  write_usage(json, sum);
  json.key("Tasks").object();
  for (const auto& [name, s] : tasks) {
    json.key_of(name).object().key("ResourceUsage");
    write_usage(json, s);
    json.member("Timestamp", now.ns).key("Pids");
    if (s.processes.empty()) {
      json.null();
    } else {
      json.object();
      for (const TaskStats::Process& process : s.processes) {
        json.key_of(std::to_string(process.pid));
        write_usage(json, process.usage);
      }
      json.end();
    }
    json.end();
  }
  json.end().member("Timestamp", now.ns).end();
  return out;
}

}  // namespace orch::client
