#include "cli/agent/agent_options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace orch {

std::expected<AgentOptions, std::string> AgentOptions::parse(const std::vector<std::string>& words, std::string& help) {
  AgentOptions o;
  CLI::App app{"Runs a server, a node client, or both, until it is interrupted.", "orch agent"};
  std::vector<std::string> meta;
  std::string config;
  app.add_flag("--dev", o.dev, "Server and client in one, for trying out; its data are gone at the end unless -data-dir is given");
  app.add_flag("--server", o.server, "Run a server");
  app.add_flag("--client", o.client, "Run a node client");
  app.add_option("--data-dir", o.data_dir, "Where the log, the views and the client's state live");
  app.add_option("--bind", o.bind, "Address to listen on")->capture_default_str();
  app.add_option("--http-port", o.http_port, "Port to listen on; 0 picks one and prints it")->capture_default_str();
  app.add_option("--node", o.node_name, "Name of the node; default: the host's name");
  app.add_option("--dc", o.datacenter, "Datacenter")->capture_default_str();
  app.add_option("--region", o.region, "Region")->capture_default_str();
  app.add_option("--node-class", o.node_class, "Class of the node, for constraints");
  app.add_option("--meta", meta, "KEY=VALUE of the node's metadata; may be repeated");
  app.add_option("--network-interface", o.network_interface, "Interface whose address tasks get; default: that of the default route");
  app.add_option("--alloc-dir", o.alloc_dir, "Where allocations have their folders; default: DATA_DIR/client/alloc");
  app.add_option("--docker-socket", o.docker_socket, "Unix socket of the Docker engine")->capture_default_str();
  app.add_flag("--raw-exec", o.raw_exec, "Offer the raw_exec driver, whose tasks run as the agent's user without walls; -dev does");
  app.add_flag("--mock-driver", o.mock_driver, "Offer the mock driver, for tests");
  app.add_option("--log-level", o.log_level, "DEBUG, INFO, WARN or ERROR")->capture_default_str();
  app.add_option("--heartbeat-ttl", o.heartbeat_ttl_seconds, "Seconds a node may be silent, beside ten more of grace")->capture_default_str();
  app.add_option("--config", config, "Configuration file");
  app.footer("Examples:\n  orch agent -dev\n  orch agent -server -client -data-dir /var/lib/orch");
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    help = app.help();
    return std::unexpected(std::string());
  } catch (const CLI::ParseError& error) {
    return std::unexpected(std::string(error.what()) + "; see orch agent -help");
  }
  if (!config.empty()) return std::unexpected("-config: configuration files are not supported yet; give the same settings as flags");
  for (const std::string& pair : meta) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) return std::unexpected("-meta: expected KEY=VALUE, got \"" + pair + "\"");
    o.meta[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  if (o.dev) {
    o.server = o.client = o.raw_exec = true;
    if (o.network_interface.empty() && o.bind == "127.0.0.1") o.network_interface = "lo";
  }
  if (!o.server && !o.client) return std::unexpected("Must specify either -dev, -server or -client; see orch agent -help");
  if (!o.server) return std::unexpected("-client without -server is not supported yet: run both, or -dev");
  if (o.data_dir.empty() && !o.dev) return std::unexpected("Must specify data directory: -data-dir");
  if (const char* host = std::getenv("DOCKER_HOST"); host != nullptr && std::string(host).starts_with("unix://")) {
    if (app.count("--docker-socket") == 0) o.docker_socket = std::string(host).substr(7);
  }
  return o;
}

}  // namespace orch
