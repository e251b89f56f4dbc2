// What `orch agent` was told: defaults, then configuration files in the order given, then flags; checked as a whole.
//
// The files are HCL or JSON with Nomad's keys (config/read_file.h). Of a folder its *.hcl and *.json files are read in
// lexical order. What stands later wins: single values and lists replace earlier ones, maps (meta, options) are joined.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "drivers/task/driver_options.h"

namespace orch {

class AgentFlags;

/// A node may be silent so long, and as long beside that, at most.
constexpr Duration heartbeat_max = hours(24 * 365);

struct AgentOptions {
  bool dev = false;
  std::string region = "global", datacenter = "dc1", node_name;
  std::string data_dir;  ///< empty in dev mode: a temporary folder that is removed at the end
  std::string bind = "127.0.0.1";
  std::string http_address;    ///< `addresses { http }`; empty: `bind`
  std::string http_advertise;  ///< host or host:port under which others reach this agent; empty: where it listens
  std::uint16_t http_port = 4646;
  std::string log_level = "INFO";

  struct Server {
    bool enabled = false;
    Duration heartbeat_ttl = seconds(10), heartbeat_grace = seconds(10);
    bool operator==(const Server&) const = default;
  } server;

  struct Client {
    bool enabled = false;
    std::vector<std::string> servers;  ///< host:port of the HTTP interface of servers
    std::string node_class, network_interface, alloc_dir, state_dir;
    std::map<std::string, std::string> meta, options;
    std::int32_t network_speed = 0, cpu_total = 0;
    std::int32_t reserved_cpu = 0, reserved_memory = 0, reserved_disk = 0;
    std::int32_t gc_max_allocs = 50;
    double gc_disk_usage = 80;
    Duration max_kill_timeout = seconds(30);
    bool operator==(const Client&) const = default;
  } client;

  DriverOptions drivers;

  std::vector<std::string> config_files;  ///< those that were read
  std::string warnings;                   ///< of the files, for the terminal; empty without any

  /// From the flags and the files that they name. The error is a message for the terminal.
  static std::expected<AgentOptions, std::string> from(const AgentFlags& flags);

  std::string listen_address() const { return http_address.empty() ? bind : http_address; }
};

/// "DEBUG", "INFO", "WARN" or "ERROR" for any spelling of them; empty for another word.
std::string known_log_level(std::string word);

}  // namespace orch
