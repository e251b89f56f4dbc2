#include "drivers/node/fingerprint.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/base/time_text.h"

namespace orch::client {
namespace {

constexpr std::string_view signals =
    "SIGABRT,SIGALRM,SIGBUS,SIGCHLD,SIGCONT,SIGFPE,SIGHUP,SIGILL,SIGINT,SIGIO,SIGIOT,SIGKILL,SIGPIPE,SIGPROF,SIGQUIT,"
    "SIGSEGV,SIGSTOP,SIGSYS,SIGTERM,SIGTRAP,SIGTTIN,SIGTTOU,SIGURG,SIGUSR1,SIGUSR2,SIGWINCH,SIGXCPU,SIGXFSZ";

std::string line_of(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::int64_t number_of(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Value of the first "key : value" line of /proc/cpuinfo.
std::string cpuinfo(std::string_view key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || line.compare(0, key.size(), key) != 0) continue;
    std::size_t end = key.size();
    while (end < colon && (line[end] == ' ' || line[end] == '\t')) ++end;
    if (end != colon) continue;
    const std::size_t start = line.find_first_not_of(' ', colon + 1);
    return start == std::string::npos ? "" : line.substr(start);
  }
  return "";
}

void cpu(Node& node, const FingerprintOptions& options) {
  const long cores = std::max(1l, ::sysconf(_SC_NPROCESSORS_ONLN));
  std::int64_t mhz = number_of(line_of("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq")) / 1000;
  if (mhz == 0) mhz = static_cast<std::int64_t>(std::atof(cpuinfo("cpu MHz").c_str()));
  if (mhz == 0) mhz = 1000;  // some virtual and ARM machines do not say
  std::int64_t total = options.cpu_total > 0 ? options.cpu_total : cores * mhz;
  node.attributes["cpu.numcores"] = std::to_string(cores);
  node.attributes["cpu.frequency"] = std::to_string(mhz);
  node.attributes["cpu.totalcompute"] = std::to_string(total);
  if (std::string model = cpuinfo("model name"); !model.empty()) node.attributes["cpu.modelname"] = model;
  node.resources.cpu = static_cast<std::int32_t>(std::min<std::int64_t>(total, INT32_MAX));
}

void memory(Node& node) {
  std::ifstream file("/proc/meminfo");
  std::string key;
  std::int64_t kib = 0;
  file >> key >> kib;
  if (key != "MemTotal:") return;
  node.attributes["memory.totalbytes"] = std::to_string(kib * 1024);
  node.resources.memory_mb = static_cast<std::int32_t>(kib / 1024);
}

void disk(Node& node, const std::string& folder) {
  struct statvfs info;
  if (folder.empty() || ::statvfs(folder.c_str(), &info) != 0) return;
  const std::uint64_t total = std::uint64_t{info.f_blocks} * info.f_frsize;
  const std::uint64_t free = std::uint64_t{info.f_bavail} * info.f_frsize;
  node.attributes["unique.storage.bytestotal"] = std::to_string(total);
  node.attributes["unique.storage.bytesfree"] = std::to_string(free);
  node.resources.disk_mb = static_cast<std::int32_t>(std::min<std::uint64_t>(free >> 20, INT32_MAX));
  // The mount whose path is the longest prefix of the folder.
  std::ifstream mounts("/proc/self/mounts");
  std::string best, volume;
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string device, point;
    words >> device >> point;
    const bool holds = folder.compare(0, point.size(), point) == 0 &&
                       (point == "/" || folder.size() == point.size() || folder[point.size()] == '/');
    if (holds && point.size() >= best.size()) {
      best = point;
      volume = device;
    }
  }
  if (!volume.empty()) node.attributes["unique.storage.volume"] = volume;
}

void system(Node& node) {
  struct utsname names {};
  ::uname(&names);
  node.attributes["kernel.name"] = "linux";
  node.attributes["kernel.version"] = names.release;
  const std::string machine = names.machine;
  node.attributes["cpu.arch"] = machine == "x86_64" ? "amd64" : machine == "aarch64" ? "arm64" : machine;
  node.attributes["unique.hostname"] = names.nodename;
  node.attributes["os.signals"] = signals;
  std::ifstream release("/etc/os-release");
  for (std::string line; std::getline(release, line);) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    std::string value = line.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
    if (line.compare(0, equals, "ID") == 0) node.attributes["os.name"] = value;
    if (line.compare(0, equals, "VERSION_ID") == 0) node.attributes["os.version"] = value;
  }
  // Debian's os-release names the major version only.
  if (node.attributes["os.name"] == "debian") {
    const std::string version = line_of("/etc/debian_version");
    if (!version.empty() && version[0] >= '0' && version[0] <= '9') node.attributes["os.version"] = version;
  }
  if (::access("/sys/fs/cgroup", F_OK) == 0) node.attributes["unique.cgroup.mountpoint"] = "/sys/fs/cgroup";
}

std::string default_route_interface() {
  std::ifstream routes("/proc/net/route");
  std::string line;
  std::getline(routes, line);
  while (std::getline(routes, line)) {
    std::istringstream words(line);
    std::string name, destination;
    words >> name >> destination;
    if (destination == "00000000") return name;
  }
  return "lo";
}

int prefix_bits(const struct sockaddr* mask) {
  if (mask == nullptr) return 0;
  const unsigned char* bytes;
  int size;
  if (mask->sa_family == AF_INET) {
    bytes = reinterpret_cast<const unsigned char*>(&reinterpret_cast<const sockaddr_in*>(mask)->sin_addr);
    size = 4;
  } else {
    bytes = reinterpret_cast<const unsigned char*>(&reinterpret_cast<const sockaddr_in6*>(mask)->sin6_addr);
    size = 16;
  }
  int bits = 0;
  for (int i = 0; i < size; ++i) bits += __builtin_popcount(bytes[i]);
  return bits;
}

void network(Node& node, const FingerprintOptions& options) {
  const std::string device = options.network_interface.empty() ? default_route_interface() : options.network_interface;
  std::int64_t speed = options.network_speed;
  if (speed <= 0) speed = number_of(line_of("/sys/class/net/" + device + "/speed"));
  if (speed <= 0) speed = 1000;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return;
  std::vector<NetworkResource> v4, v6;
  for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || device != at->ifa_name) continue;
    char text[INET6_ADDRSTRLEN] = "";
    const int family = at->ifa_addr->sa_family;
    if (family == AF_INET) {
      ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr, text, sizeof text);
    } else if (family == AF_INET6) {
      const auto* address = &reinterpret_cast<const sockaddr_in6*>(at->ifa_addr)->sin6_addr;
      if (IN6_IS_ADDR_LINKLOCAL(address)) continue;
      ::inet_ntop(AF_INET6, address, text, sizeof text);
    } else {
      continue;
    }
    NetworkResource made;
    made.device = device;
    made.ip = text;
    // Nomad writes the loopback as single addresses, and tasks are given single addresses anyway.
    const int bits = device == "lo" ? (family == AF_INET ? 32 : 128) : prefix_bits(at->ifa_netmask);
    made.cidr = made.ip + "/" + std::to_string(bits);
    made.mbits = static_cast<std::int32_t>(speed);
    (family == AF_INET ? v4 : v6).push_back(std::move(made));
  }
  ::freeifaddrs(list);
  node.resources.networks = std::move(v4);
  for (auto& one : v6) node.resources.networks.push_back(std::move(one));
  if (!node.resources.networks.empty()) node.attributes["unique.network.ip-address"] = node.resources.networks[0].ip;
}

}  // namespace

Node fingerprint_host(const FingerprintOptions& options) {
  Node node;
  node.id = options.node_id;
  node.datacenter = options.datacenter;
  node.node_class = options.node_class;
  node.meta = options.meta;
  node.http_addr = options.http_addr;
  node.reserved = options.reserved;
  system(node);
  cpu(node, options);
  memory(node);
  disk(node, options.alloc_root);
  network(node, options);
  node.name = options.name.empty() ? node.attributes["unique.hostname"] : options.name;
  // Job files ask for nomad.version, so the compatible one is told under that name.
  node.attributes["nomad.version"] = "0.8.7";
  if (!options.version.empty()) node.attributes["orch.version"] = options.version;
  return node;
}

bool fingerprint_drivers(Node& node, const std::vector<TaskDriver*>& drivers, WallTime now) {
  bool changed = false;
  for (TaskDriver* driver : drivers) {
    const DriverFingerprint found = driver->fingerprint();
    const std::string name = driver->name();
    DriverInfo info;
    info.attributes = found.attributes;
    info.detected = found.detected;
    info.healthy = found.detected && found.healthy;
    info.health_description = found.health_description;
    if (info.health_description.empty()) {
      info.health_description = "Driver " + name + (found.detected ? " is detected" : " is not detected");
    }
    auto [it, made] = node.drivers.try_emplace(name);
    info.update_time = it->second.update_time;
    if (!made && info == it->second) continue;
    changed = true;
    for (const auto& [key, value] : it->second.attributes) node.attributes.erase(key);
    if (found.detected) {
      for (const auto& [key, value] : info.attributes) node.attributes[key] = value;
      node.attributes["driver." + name] = "1";
    } else {
      node.attributes.erase("driver." + name);
    }
    info.update_time = rfc3339(now);
    it->second = std::move(info);
  }
  return changed;
}

}  // namespace orch::client
