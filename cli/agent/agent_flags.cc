#include "cli/agent/agent_flags.h"

#include <algorithm>
#include <limits>

#include "cli/agent/agent_options.h"

namespace orch {
namespace {

constexpr std::int64_t most_int32 = std::numeric_limits<std::int32_t>::max();

template <class T, class U>
void set(const std::optional<T>& given, U& option) {
  if (given) option = static_cast<U>(*given);
}

std::vector<std::string> split_by_commas(const std::vector<std::string>& lists) {
  std::vector<std::string> out;
  for (const std::string& list : lists) {
    for (std::size_t begin = 0; begin <= list.size();) {
      const std::size_t end = std::min(list.find(',', begin), list.size());
      out.push_back(list.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return out;
}

}  // namespace

AgentFlags::AgentFlags() : line("Runs a server, a node client, or both, until it is interrupted.", "orch agent") {
  line.add_flag("dev", dev,
                "Server and client in one, for trying out; its data are gone at the end unless -data-dir is given");
  line.add_option("config", config,
                  "File or folder with configuration, HCL or JSON with Nomad's keys; may be repeated, later ones win");
  line.add_flag("server", server_, "Run a server");
  line.add_flag("client", client_, "Run a node client");
  line.add_option("servers", servers_, "HOST:PORT of the servers of a client, by commas; may be repeated");
  line.add_option("data-dir", data_dir_, "Where the log, the views and the client's state live");
  line.add_option("bind", bind_, "Address to listen on; default: 127.0.0.1");
  line.add_option("http-port", http_port_, "Port to listen on, 4646 unless given; 0 picks one and prints it", 0, 65535);
  line.add_option("advertise", advertise_, "HOST or HOST:PORT under which others reach this agent");
  line.add_option("node", node_, "Name of the node; default: the host's name");
  line.add_option("dc", dc_, "Datacenter; default: dc1");
  line.add_option("region", region_, "Region; default: global");
  line.add_option("node-class", node_class_, "Class of the node, for constraints");
  line.add_option("meta", meta_, "KEY=VALUE of the node's metadata; may be repeated");
  line.add_option("network-interface", interface_,
                  "Interface whose address tasks get; default: that of the default route");
  line.add_option("network-speed", network_speed_,
                  "Speed of that interface in MBit/s; default: what it says, else 1000", 0, most_int32);
  line.add_option("cpu-total-compute", cpu_total_, "Computing power in MHz; default: cores times frequency", 0,
                  most_int32);
  line.add_option("alloc-dir", alloc_dir_, "Where allocations have their folders; default: DATA_DIR/client/alloc");
  line.add_option("state-dir", state_dir_, "Where the client keeps its state; default: DATA_DIR/client");
  line.add_option("docker-socket", docker_socket_,
                  "Unix socket of the Docker engine; default: that of DOCKER_HOST, else /var/run/docker.sock");
  line.add_flag("raw-exec", raw_exec_,
                "Offer the raw_exec driver, whose tasks run as the agent's user without walls; -dev does");
  line.add_flag("mock-driver", mock_driver_, "Offer the mock driver, for tests");
  line.add_option("log-level", log_level_, "DEBUG, INFO, WARN or ERROR; default: INFO");
  line.add_option("heartbeat-ttl", heartbeat_ttl_,
                  "Seconds a node may be silent, beside heartbeat_grace (10 s); default: 10");
  line.add_example("orch agent -dev");
  line.add_example("orch agent -server -data-dir /var/lib/orch");
  line.add_example("orch agent -client -servers=10.0.0.1:4646 -bind=10.0.0.2 -data-dir /var/lib/orch");
  line.add_example("orch agent -config /etc/orch.d");
}

std::string AgentFlags::put_over(AgentOptions& o) const {
  // What a flag says wins over the files; a flag that was not given says nothing, and none can switch a role off again.
  o.server.enabled = o.server.enabled || server_;
  o.client.enabled = o.client.enabled || client_;
  o.drivers.raw_exec = o.drivers.raw_exec || raw_exec_;
  o.drivers.mock = o.drivers.mock || mock_driver_;
  if (!servers_.empty()) o.client.servers = split_by_commas(servers_);
  set(data_dir_, o.data_dir);
  set(alloc_dir_, o.client.alloc_dir);
  set(state_dir_, o.client.state_dir);
  if (bind_) {
    o.bind = *bind_;
    o.http_address.clear();
  }
  set(advertise_, o.http_advertise);
  set(http_port_, o.http_port);
  set(node_, o.node_name);
  set(dc_, o.datacenter);
  set(region_, o.region);
  set(node_class_, o.client.node_class);
  set(interface_, o.client.network_interface);
  set(network_speed_, o.client.network_speed);
  set(cpu_total_, o.client.cpu_total);
  set(docker_socket_, o.drivers.docker.socket);
  if (heartbeat_ttl_) {
    constexpr std::int64_t most = heartbeat_max.ns / seconds(1).ns;
    if (*heartbeat_ttl_ < 1 || *heartbeat_ttl_ > most) {
      return "-heartbeat-ttl: expected 1 to " + std::to_string(most) + " seconds, got " +
             std::to_string(*heartbeat_ttl_);
    }
    o.server.heartbeat_ttl = seconds(*heartbeat_ttl_);
  }
  if (log_level_) {
    o.log_level = known_log_level(*log_level_);
    if (o.log_level.empty()) return "-log-level: expected DEBUG, INFO, WARN or ERROR, got \"" + *log_level_ + "\"";
  }
  for (const std::string& pair : meta_) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) return "-meta: expected KEY=VALUE, got \"" + pair + "\"";
    o.client.meta[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return {};
}

}  // namespace orch
