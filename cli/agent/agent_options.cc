#include "cli/agent/agent_options.h"

#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdlib>
#include <optional>

#include "cli/agent/config/read_file.h"
#include "core/jobspec/diagnostic.h"
#include "drivers/net/http_client.h"

namespace orch {
namespace {

// The library speaks of "--x"; people here write "-x".
std::string with_one_dash(std::string text) {
  for (std::size_t at = text.find("--"); at != std::string::npos; at = text.find("--", at + 1)) {
    if (at + 2 < text.size() && std::isalpha(static_cast<unsigned char>(text[at + 2])) != 0) text.erase(at, 1);
  }
  return text;
}

// "unknown option -confg; did you mean -config?"
std::string unknown(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("-" + name);
  }
  for (const std::string& word : app.remaining()) {
    if (!word.starts_with("--")) continue;
    const std::string given = word.substr(1, word.find('=') - 1), close = nearest(given, names);
    return "unknown option " + given + (close.empty() ? "" : "; did you mean " + close + "?");
  }
  return "superfluous argument \"" + app.remaining().front() + "\"";
}

/// The flags that were given; the rest stay with the files and the defaults.
struct Flags {
  bool dev = false, server = false, client = false, raw_exec = false, mock_driver = false;
  std::vector<std::string> config, servers, meta;
  std::optional<std::string> data_dir, alloc_dir, state_dir, bind, advertise, node, dc, region, node_class, interface,
      docker_socket, log_level;
  std::optional<std::uint16_t> http_port;
  std::optional<std::int32_t> network_speed, cpu_total;
  std::optional<std::int64_t> heartbeat_ttl;

  void add_to(CLI::App& app) {
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    app.add_flag("--dev", dev,
                 "Server and client in one, for trying out; its data are gone at the end unless -data-dir is given");
    app.add_option("--config", config,
                   "File or folder with configuration, HCL or JSON with Nomad's keys; may be repeated, later ones win")
        ->take_all();
    app.add_flag("--server", server, "Run a server");
    app.add_flag("--client", client, "Run a node client");
    app.add_option("--servers", servers, "HOST:PORT of the servers of a client, by commas; may be repeated")
        ->delimiter(',')
        ->take_all();
    app.add_option("--data-dir", data_dir, "Where the log, the views and the client's state live");
    app.add_option("--bind", bind, "Address to listen on; default: 127.0.0.1");
    app.add_option("--http-port", http_port, "Port to listen on, 4646 unless given; 0 picks one and prints it");
    app.add_option("--advertise", advertise, "HOST or HOST:PORT under which others reach this agent");
    app.add_option("--node", node, "Name of the node; default: the host's name");
    app.add_option("--dc", dc, "Datacenter; default: dc1");
    app.add_option("--region", region, "Region; default: global");
    app.add_option("--node-class", node_class, "Class of the node, for constraints");
    app.add_option("--meta", meta, "KEY=VALUE of the node's metadata; may be repeated")->take_all();
    app.add_option("--network-interface", interface,
                   "Interface whose address tasks get; default: that of the default route");
    app.add_option("--network-speed", network_speed,
                   "Speed of that interface in MBit/s; default: what it says, else 1000");
    app.add_option("--cpu-total-compute", cpu_total, "Computing power in MHz; default: cores times frequency");
    app.add_option("--alloc-dir", alloc_dir, "Where allocations have their folders; default: DATA_DIR/client/alloc");
    app.add_option("--state-dir", state_dir, "Where the client keeps its state; default: DATA_DIR/client");
    app.add_option("--docker-socket", docker_socket,
                   "Unix socket of the Docker engine; default: that of DOCKER_HOST, else /var/run/docker.sock");
    app.add_flag("--raw-exec", raw_exec,
                 "Offer the raw_exec driver, whose tasks run as the agent's user without walls; -dev does");
    app.add_flag("--mock-driver", mock_driver, "Offer the mock driver, for tests");
    app.add_option("--log-level", log_level, "DEBUG, INFO, WARN or ERROR; default: INFO");
    app.add_option("--heartbeat-ttl", heartbeat_ttl,
                   "Seconds a node may be silent, beside heartbeat_grace (10 s); default: 10");
    app.footer(
        "Examples:\n  orch agent -dev\n  orch agent -server -data-dir /var/lib/orch\n"
        "  orch agent -client -servers=10.0.0.1:4646 -bind=10.0.0.2 -data-dir /var/lib/orch\n"
        "  orch agent -config /etc/orch.d");
  }

  std::string apply_to(AgentOptions& o) const;  ///< answers what is wrong, or nothing
};

template <class T, class U>
void set(const std::optional<T>& given, U& place) {
  if (given) place = *given;
}

std::string Flags::apply_to(AgentOptions& o) const {
  o.server.enabled = o.server.enabled || server;
  o.client.enabled = o.client.enabled || client;
  o.drivers.raw_exec = o.drivers.raw_exec || raw_exec;
  o.drivers.mock = o.drivers.mock || mock_driver;
  if (!servers.empty()) o.client.servers = servers;
  set(data_dir, o.data_dir);
  set(alloc_dir, o.client.alloc_dir);
  set(state_dir, o.client.state_dir);
  if (bind) {
    o.bind = *bind;
    o.http_address.clear();
  }
  set(advertise, o.http_advertise);
  set(http_port, o.http_port);
  set(node, o.node_name);
  set(dc, o.datacenter);
  set(region, o.region);
  set(node_class, o.client.node_class);
  set(interface, o.client.network_interface);
  set(network_speed, o.client.network_speed);
  set(cpu_total, o.client.cpu_total);
  set(docker_socket, o.drivers.docker.socket);
  if (heartbeat_ttl) o.server.heartbeat_ttl = seconds(*heartbeat_ttl);
  if (heartbeat_ttl && *heartbeat_ttl < 1) return "-heartbeat-ttl: expected at least 1 second";
  if (log_level) {
    o.log_level = known_log_level(*log_level);
    if (o.log_level.empty()) return "-log-level: expected DEBUG, INFO, WARN or ERROR, got \"" + *log_level + "\"";
  }
  for (const std::string& pair : meta) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) return "-meta: expected KEY=VALUE, got \"" + pair + "\"";
    o.client.meta[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return {};
}

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

std::expected<AgentOptions, std::string> AgentOptions::parse(const std::vector<std::string>& words, std::string& help) {
  CLI::App app{"Runs a server, a node client, or both, until it is interrupted.", "orch agent"};
  app.set_help_flag("--help,--h", "This text");
  Flags flags;
  flags.add_to(app);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::CallForHelp&) {
    help = with_one_dash(app.help());
    return std::unexpected(std::string());
  } catch (const CLI::ExtrasError&) {
    return std::unexpected(unknown(app) + "; see orch agent -help");
  } catch (const CLI::ParseError& error) {
    return std::unexpected(with_one_dash(error.what()) + "; see orch agent -help");
  }
  AgentOptions o;
  o.dev = flags.dev;
  if (o.dev) o.server.enabled = o.client.enabled = o.drivers.raw_exec = true;
  if (const char* host = std::getenv("DOCKER_HOST"); host != nullptr) {
    if (std::string(host).starts_with("unix://")) o.drivers.docker.socket = std::string(host).substr(7);
  }
  for (const std::string& path : flags.config) {
    if (auto read = config::read_path(path, o); !read) return std::unexpected(read.error());
  }
  if (std::string problem = flags.apply_to(o); !problem.empty()) return std::unexpected(std::move(problem));
  if (std::string problem = check(o); !problem.empty()) return std::unexpected(std::move(problem));
  if (o.dev && o.client.network_interface.empty() && o.listen_address() == "127.0.0.1")
    o.client.network_interface = "lo";
  return o;
}

}  // namespace orch
