// What `orch agent` was told: its flags, checked.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

namespace orch {

struct AgentOptions {
  bool dev = false, server = false, client = false;
  std::string data_dir;  ///< empty in dev mode: a temporary folder that is removed at the end
  std::string bind = "127.0.0.1";
  std::uint16_t http_port = 4646;
  std::string node_name, datacenter = "dc1", region = "global", node_class, log_level = "INFO";
  std::map<std::string, std::string> meta;
  std::string network_interface;
  std::string docker_socket = "/var/run/docker.sock";
  std::string alloc_dir;
  bool raw_exec = false, mock_driver = false;
  std::int64_t heartbeat_ttl_seconds = 10;

  /// From the words after "agent". The error is a message for the terminal; an empty one means that help was asked for
  /// and `help` holds it.
  static std::expected<AgentOptions, std::string> parse(const std::vector<std::string>& words, std::string& help);
};

}  // namespace orch
