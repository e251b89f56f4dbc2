// Configuration files: what they set, and what a person reads who has misspelt something.
#include <doctest/doctest.h>

#include <string>

#include "cli/agent/config/config_json.h"
#include "cli/agent/config/read_file.h"

namespace orch {
namespace {

AgentOptions good(const std::string& text, AgentOptions options = {}) {
  const auto read = config::read_text(text, "agent.hcl", options);
  REQUIRE_MESSAGE(read.has_value(), (read ? std::string() : read.error()));
  return options;
}

std::string bad(const std::string& text, const std::string& file = "agent.hcl") {
  AgentOptions options;
  const auto read = config::read_text(text, file, options);
  REQUIRE(!read.has_value());
  return read.error();
}

TEST_CASE("every key that is acted on reaches its place") {
  const AgentOptions o = good(R"(
    region = "eu"
    datacenter = "fra1"
    name = "n1"
    data_dir = "/var/lib/orch"
    log_level = "err"
    bind_addr = "0.0.0.0"
    ports { http = 5646 rpc = 5647 serf = 5648 }
    addresses { http = "10.0.0.1" }
    advertise { http = "192.168.1.1:80" }
    server {
      enabled = true
      bootstrap_expect = 1
      heartbeat_grace = "3s"
      min_heartbeat_ttl = "2s"
    }
    client {
      enabled = true
      servers = ["10.0.0.1:4646", "10.0.0.2"]
      node_class = "big"
      network_interface = "eth1"
      network_speed = 100
      cpu_total_compute = 4000
      alloc_dir = "/srv/alloc"
      state_dir = "/srv/state"
      max_kill_timeout = "1m"
      gc_max_allocs = 7
      gc_disk_usage_threshold = 55.5
      meta { rack = "r1" "owner.team" = "ops" weight = 3 }
      options { "driver.raw_exec.enable" = "1" "docker.volumes.enabled" = "true" }
      reserved { cpu = 100 memory = 200 disk = 300 }
    }
    plugin "docker" {
      config {
        endpoint = "unix:///run/other.sock"
        allow_privileged = true
        auth { config = "/etc/docker.json" helper = "pass" }
      }
    }
  )");
  CHECK(o.region == "eu");
  CHECK(o.datacenter == "fra1");
  CHECK(o.node_name == "n1");
  CHECK(o.data_dir == "/var/lib/orch");
  CHECK(o.log_level == "ERROR");
  CHECK(o.bind == "0.0.0.0");
  CHECK(o.listen_address() == "10.0.0.1");
  CHECK(o.http_port == 5646);
  CHECK(o.http_advertise == "192.168.1.1:80");
  CHECK(o.server == AgentOptions::Server{.enabled = true, .heartbeat_ttl = seconds(2), .heartbeat_grace = seconds(3)});
  CHECK(o.client.servers == std::vector<std::string>{"10.0.0.1:4646", "10.0.0.2"});
  CHECK(o.client.node_class == "big");
  CHECK(o.client.network_interface == "eth1");
  CHECK(o.client.network_speed == 100);
  CHECK(o.client.cpu_total == 4000);
  CHECK(o.client.alloc_dir == "/srv/alloc");
  CHECK(o.client.state_dir == "/srv/state");
  CHECK(o.client.max_kill_timeout == minutes(1));
  CHECK(o.client.gc_max_allocs == 7);
  CHECK(o.client.gc_disk_usage == 55.5);
  CHECK(o.client.meta == std::map<std::string, std::string>{{"owner.team", "ops"}, {"rack", "r1"}, {"weight", "3"}});
  CHECK(o.client.reserved_cpu == 100);
  CHECK(o.client.reserved_memory == 200);
  CHECK(o.client.reserved_disk == 300);
  CHECK(o.drivers.raw_exec);
  CHECK(o.drivers.docker.volumes_enabled);
  CHECK(o.drivers.docker.allow_privileged);
  CHECK(o.drivers.docker.socket == "/run/other.sock");
  CHECK(o.drivers.docker.auth_file == "/etc/docker.json");
  CHECK(o.drivers.docker.auth_helper == "pass");
  CHECK(o.warnings == "");
  CHECK(o.config_files == std::vector<std::string>{"agent.hcl"});
}

TEST_CASE("JSON says the same") {
  const AgentOptions o = good(R"({
    "datacenter": "fra1",
    "ports": {"http": 5646},
    "server": [{"enabled": true}],
    "client": {"enabled": true, "meta": {"rack": "r1"}, "options": [{"driver.raw_exec.enable": true}]},
    "plugin": [{"docker": [{"config": [{"volumes": [{"enabled": true}]}]}]}]
  })");
  CHECK(o.datacenter == "fra1");
  CHECK(o.http_port == 5646);
  CHECK(o.server.enabled);
  CHECK(o.client.enabled);
  CHECK(o.client.meta.at("rack") == "r1");
  CHECK(o.drivers.raw_exec);
  CHECK(o.drivers.docker.volumes_enabled);
}

TEST_CASE("a later file wins; maps are joined, lists are not") {
  AgentOptions o =
      good(R"(log_level = "WARN" datacenter = "a" client { servers = ["x:1", "y:1"] meta { a = "1" b = "1" } })");
  o = good(R"(datacenter = "b" client { servers = ["z:1"] meta { b = "2" c = "2" } })", o);
  CHECK(o.log_level == "WARN");
  CHECK(o.datacenter == "b");
  CHECK(o.client.servers == std::vector<std::string>{"z:1"});
  CHECK(o.client.meta == std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}, {"c", "2"}});
}

TEST_CASE("an unknown key is told with its place and the nearest known one") {
  CHECK(bad("data_dir = \"/x\"\nbind_adr = \"10.0.0.1\"\n") ==
        "agent.hcl:2:1: configuration -> invalid key: bind_adr\n"
        "  bind_adr = \"10.0.0.1\"\n"
        "  ^\n"
        "  did you mean \"bind_addr\"?");
  CHECK(bad("client {\n  enabled = true\n  server = [\"a:1\"]\n}\n") ==
        "agent.hcl:3:3: client -> invalid key: server\n"
        "    server = [\"a:1\"]\n"
        "    ^\n"
        "  did you mean \"servers\"?");
  CHECK(bad("{\n  \"ports\": {\"htp\": 1}\n}\n", "agent.json") ==
        "agent.json:2:13: ports -> invalid key: htp\n"
        "    \"ports\": {\"htp\": 1}\n"
        "              ^\n"
        "  did you mean \"http\"?");
}

TEST_CASE("several mistakes are told at once, in the order of the file") {
  const std::string text = bad("client {\n  gc_max_allocs = 0\n}\nfoo = 1\nlog_level = \"loud\"\n");
  CHECK(text ==
        "agent.hcl:2:3: client -> gc_max_allocs: expected a number of at least 1\n"
        "    gc_max_allocs = 0\n"
        "    ^\n"
        "agent.hcl:4:1: configuration -> invalid key: foo\n"
        "  foo = 1\n"
        "  ^\n"
        "agent.hcl:5:1: log_level: expected DEBUG, INFO, WARN or ERROR, got \"loud\"\n"
        "  log_level = \"loud\"\n"
        "  ^");
}

TEST_CASE("wrong values") {
  CHECK(bad("ports { http = 70000 }") ==
        "agent.hcl:1:16: ports -> http: 70000 is out of range\n"
        "  ports { http = 70000 }\n"
        "                 ^\n"
        "  the number lies between 0 and 65535");
  CHECK(bad("server { heartbeat_grace = \"soon\" }").starts_with(
      "agent.hcl:1:28: heartbeat_grace: expected a duration, got \"soon\""));
  CHECK(bad("server { heartbeat_grace = \"2000000h\" }").find("heartbeat_grace: expected a year (8760h) at most") !=
        std::string::npos);
  CHECK(bad("server { min_heartbeat_ttl = \"9000h\" }").find("min_heartbeat_ttl: expected a year (8760h) at most") !=
        std::string::npos);
  CHECK(
      bad("client { enabled = true enabled = false }").starts_with("agent.hcl:1:25: client -> enabled is given twice"));
  CHECK(bad("client = 3").starts_with("agent.hcl:1:10: client: expected a block, got 3"));
  CHECK(bad("plugin \"docker\" {\n config {\n  endpoint = \"tcp://10.0.0.1:2375\"\n }\n}")
            .starts_with("agent.hcl:3:3: "));
  CHECK(bad("client { options { \"docker.volume.enabled\" = \"1\" } }")
            .find("did you mean \"docker.volumes.enabled\"?") != std::string::npos);
  CHECK(bad("region = ").starts_with("agent.hcl:1:"));
}

TEST_CASE("what would be dangerous to ignore is refused") {
  CHECK(bad("acl { enabled = true }") ==
        "agent.hcl:1:7: acl -> enabled is not supported yet: anybody who reaches the agent may do anything\n"
        "  acl { enabled = true }\n"
        "        ^\n"
        "  listen on 127.0.0.1, or behind a proxy that knows who may enter");
  CHECK(bad("tls { http = true }").find("tls -> http is not supported yet") != std::string::npos);
  CHECK(bad("tls { rpc = true }").find("tls -> rpc is not supported yet") != std::string::npos);
  CHECK(bad("server { encrypt = \"abc=\" }").find("server -> encrypt is not supported yet") != std::string::npos);
  CHECK(bad("server { bootstrap_expect = 3 }").find("server -> bootstrap_expect is not supported yet") !=
        std::string::npos);
  CHECK(bad("server { retry_join = [\"10.0.0.1\"] }").find("server -> retry_join is not supported yet") !=
        std::string::npos);
  CHECK(bad("plugin \"docker\" { config { tls { ca = \"/ca.pem\" } } }").find("not supported yet") !=
        std::string::npos);
  // Said and off, they mean nothing.
  CHECK(good("acl { enabled = false } tls { http = false rpc = false } server { encrypt = \"\" retry_join = [] }")
            .warnings == "");
}

TEST_CASE("keys that are known but not acted on yet are warned of by name and place") {
  CHECK(
      good("telemetry {\n  statsd_address = \"10.0.0.1:8125\"\n  prometheus_metrics = true\n}\nenable_syslog = true\n")
          .warnings ==
      "agent.hcl:2:3: telemetry -> statsd_address is not acted on yet: metrics are at /v1/metrics, for Prometheus with "
      "?format=prometheus\n"
      "    statsd_address = \"10.0.0.1:8125\"\n"
      "    ^\n"
      "agent.hcl:5:1: enable_syslog is not acted on yet\n"
      "  enable_syslog = true\n"
      "  ^");
  CHECK(good("client { host_volume \"certs\" { path = \"/etc/ssl\" } }")
            .warnings.find("client -> host_volume is not acted on yet") != std::string::npos);
  CHECK(good("plugin \"java\" { config { x = 1 } }").warnings.find("orch has no driver \"java\" yet") !=
        std::string::npos);
  CHECK(good("plugin \"docker\" {\n config {\n  gc {\n   image = true\n  }\n }\n}").warnings ==
        "agent.hcl:4:4: plugin \"docker\" -> config -> gc -> image is not acted on yet\n"
        "     image = true\n"
        "     ^");
  CHECK(good("client { options { \"docker.cleanup.image\" = \"true\" } }").warnings.find("is not acted on yet") !=
        std::string::npos);
  CHECK(good("client { options { \"user.blacklist\" = \"root\" } }")
            .warnings.find("user.blacklist is not acted on yet") != std::string::npos);
}

TEST_CASE("the configuration is shown in the shape of Nomad's agent/self") {
  const AgentOptions o = good("client { enabled = true meta { rack = \"r1\" } }");
  const std::string json = config::config_to_json(o, "127.0.0.1", 4646);
  CHECK(json.find("\"Meta\":{\"rack\":\"r1\"}") != std::string::npos);
  CHECK(json.find("\"Files\":[\"agent.hcl\"]") != std::string::npos);
  CHECK(json.find("\"AdvertiseAddrs\":{\"HTTP\":\"127.0.0.1:4646\"") != std::string::npos);
}

}  // namespace
}  // namespace orch
