#include "cli/agent/agent_options.h"

#include <cctype>
#include <cstdlib>

#include "cli/agent/agent_flags.h"
#include "cli/agent/config/read_file.h"
#include "drivers/net/http_client.h"

namespace orch {
namespace {

/// What only the whole can tell. Answers what is wrong, or nothing.
std::string check(AgentOptions& o) {
  if (o.bind.find("{{") != std::string::npos || o.listen_address().find("{{") != std::string::npos) {
    return "bind_addr: templates of addresses are not supported yet; write the address itself, such as 10.0.0.1";
  }
  if (!o.server.enabled && !o.client.enabled) {
    return "Must specify either server, client or dev mode for the agent: -server, -client, -dev, or server { enabled "
           "= true } "
           "and client { enabled = true } in a -config file.";
  }
  if (o.data_dir.empty() && !o.dev) return "Must specify data directory: -data-dir, or data_dir in a -config file.";
  if (o.client.enabled && !o.server.enabled && o.client.servers.empty()) {
    return "A client without a server of its own must be told where servers are: -servers=HOST:PORT, or client { "
           "servers = "
           "[\"HOST:PORT\"] } in a -config file.";
  }
  if (o.region.empty() || o.datacenter.empty()) return "The region and the datacenter must have a name.";
  if (!o.http_advertise.empty()) {
    const auto endpoint = net::Endpoint::parse(o.http_advertise);
    const bool host_alone = net::Endpoint::parse(net::host_and_port(o.http_advertise, o.http_port)).has_value();
    if (!endpoint && !host_alone) return "advertise: " + endpoint.error();
    if (endpoint && (endpoint->host.empty() || endpoint->port == 0))
      return "advertise: expected HOST or HOST:PORT under which others reach this agent, got \"" + o.http_advertise +
             "\"";
  }
  for (std::string& server : o.client.servers) {
    // A ']' closes an IPv6 address; without one its position plus one is 0.
    const std::size_t colon = server.rfind(':');
    const bool has_port = colon != std::string::npos && colon + 1 > server.rfind(']') + 1;
    if (!has_port && server.find("://") == std::string::npos) server += ":4646";
    const auto endpoint = net::Endpoint::parse(server);
    if (!endpoint) return "servers: " + endpoint.error();
    if (endpoint->port == 4647) {
      o.warnings +=
          (o.warnings.empty() ? "" : "\n") + std::string("servers: ") + server +
          " has Nomad's RPC port; orch's clients speak HTTP to their servers, on port 4646 unless told otherwise";
    }
  }
  return {};
}

}  // namespace

std::string known_log_level(std::string word) {
  for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (word == "TRACE") return "DEBUG";
  if (word == "ERR") return "ERROR";
  for (const char* level : {"DEBUG", "INFO", "WARN", "ERROR"}) {
    if (word == level) return word;
  }
  return {};
}

std::expected<AgentOptions, std::string> AgentOptions::from(const AgentFlags& flags) {
  AgentOptions o;
  o.dev = flags.dev;
  if (o.dev) o.server.enabled = o.client.enabled = o.drivers.raw_exec = true;
  if (const char* host = std::getenv("DOCKER_HOST"); host != nullptr) {
    if (std::string(host).starts_with("unix://")) o.drivers.docker.socket = std::string(host).substr(7);
  }
  for (const std::string& path : flags.config) {
    if (auto read = config::read_path(path, o); !read) return std::unexpected(read.error());
  }
  if (std::string problem = flags.put_over(o); !problem.empty()) return std::unexpected(std::move(problem));
  if (std::string problem = check(o); !problem.empty()) return std::unexpected(std::move(problem));
  if (o.dev && o.client.network_interface.empty() && o.listen_address() == "127.0.0.1")
    o.client.network_interface = "lo";
  return o;
}

}  // namespace orch
