#include "drivers/node/stats.h"

#include <sys/statvfs.h>

#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include "core/model/json_text.h"
#include "drivers/clock/clock.h"

namespace orch::client {
namespace {

void field(std::string& out, const char* name, std::uint64_t value) {
  out += '"';
  out += name;
  out += "\":";
  append_number(out, value);
}

/// A number that JSON readers take for one with a fraction, as Nomad writes them.
void fraction(std::string& out, const char* name, double value) {
  out += '"';
  out += name;
  out += "\":";
  if (!std::isfinite(value)) value = 0;
  std::string text;
  append_number(text, value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  out += text;
}

bool append_disk(std::string& out, const std::string& device, const std::string& point,
                 const std::string& shown_point) {
  struct statvfs info;
  if (::statvfs(point.c_str(), &info) != 0 || info.f_blocks == 0) return false;
  const std::uint64_t block = info.f_frsize;
  const std::uint64_t size = info.f_blocks * block, available = info.f_bavail * block;
  const std::uint64_t used = (info.f_blocks - info.f_bfree) * block;
  out += '{';
  field(out, "Available", available);
  out += ",\"Device\":";
  append_quoted(out, device);
  out += ',';
  fraction(out, "InodesUsedPercent",
           info.f_files == 0 ? 0.0 : 100.0 * static_cast<double>(info.f_files - info.f_ffree) / info.f_files);
  out += ",\"Mountpoint\":";
  append_quoted(out, shown_point);
  out += ',';
  field(out, "Size", size);
  out += ',';
  field(out, "Used", used);
  out += ',';
  fraction(out, "UsedPercent", 100.0 * static_cast<double>(used) / static_cast<double>(size));
  out += '}';
  return true;
}

void append_memory(std::string& out) {
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
  out += "\"Memory\":{";
  field(out, "Available", available * 1024);
  out += ',';
  field(out, "Free", kib["MemFree:"] * 1024);
  out += ',';
  field(out, "Total", total * 1024);
  out += ',';
  field(out, "Used", (total - std::min(total, available)) * 1024);
  out += '}';
}

void append_usage(std::string& out, const TaskStats& s) {
  out += "{\"MemoryStats\":{";
  field(out, "RSS", s.memory_rss);
  out += ',';
  field(out, "Cache", s.memory_cache);
  out += ',';
  field(out, "Swap", s.memory_swap);
  out += ',';
  field(out, "MaxUsage", s.memory_max);
  out += ",\"KernelUsage\":0,\"KernelMaxUsage\":0,\"Measured\":[\"RSS\",\"Cache\",\"Swap\",\"Max Usage\"]},";
  out += "\"CpuStats\":{";
  fraction(out, "SystemMode", s.cpu_system_percent);
  out += ',';
  fraction(out, "UserMode", s.cpu_user_percent);
  out += ',';
  fraction(out, "TotalTicks", s.cpu_mhz);
  out += ",\"ThrottledPeriods\":0,\"ThrottledTime\":0,";
  fraction(out, "Percent", s.cpu_percent);
  out += ",\"Measured\":[\"System Mode\",\"User Mode\",\"Percent\"]}}";
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
  std::string out = "{\"AllocDirStats\":";
  if (!append_disk(out, "", alloc_root_, "")) out += "null";
  out += ",\"CPU\":";
  char separator = '[';
  double busy = 0;
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    out += separator;
    separator = ',';
    out += "{\"CPU\":\"cpu" + std::to_string(i) + "\",";
    fraction(out, "Idle", shares_[i].idle);
    out += ',';
    fraction(out, "System", shares_[i].system);
    out += ',';
    fraction(out, "Total", shares_[i].total);
    out += ',';
    fraction(out, "User", shares_[i].user);
    out += '}';
    busy += shares_[i].total;
  }
  out += shares_.empty() ? "null," : "],";
  const double cores = shares_.empty() ? 1.0 : static_cast<double>(shares_.size());
  fraction(out, "CPUTicksConsumed", busy / 100.0 / cores * cpu_total_mhz_);
  out += ",\"DiskStats\":[";
  std::ifstream mounts("/proc/self/mounts");
  std::set<std::string> seen;
  bool first = true;
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string device, point, type;
    words >> device >> point >> type;
    if (device.compare(0, 5, "/dev/") != 0 || !seen.insert(point).second) continue;
    const std::size_t before = out.size();
    if (!first) out += ',';
    if (append_disk(out, device, point, point)) {
      first = false;
    } else {
      out.resize(before);
    }
  }
  out += "],";
  append_memory(out);
  out += ',';
  field(out, "Timestamp", static_cast<std::uint64_t>(now.ns));
  double uptime = 0;
  std::ifstream("/proc/uptime") >> uptime;
  out += ',';
  field(out, "Uptime", static_cast<std::uint64_t>(uptime));
  out += '}';
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
  const std::string time = std::to_string(now.ns);
  std::string out = "{\"ResourceUsage\":";
  append_usage(out, sum);
  out += ",\"Tasks\":{";
  bool first = true;
  for (const auto& [name, s] : tasks) {
    if (!first) out += ',';
    first = false;
    append_quoted(out, name);
    out += ":{\"ResourceUsage\":";
    append_usage(out, s);
    out += ",\"Timestamp\":" + time + ",\"Pids\":";
    if (s.processes.empty()) out += "null";
    char separator = '{';
    for (const TaskStats::Process& process : s.processes) {
      out += separator;
      out += '"' + std::to_string(process.pid) + "\":";
      append_usage(out, process.usage);
      separator = ',';
    }
    out += s.processes.empty() ? "}" : "}}";
  }
  out += "},\"Timestamp\":" + time + "}";
  return out;
}

}  // namespace orch::client
