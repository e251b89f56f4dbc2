// The words after `orch agent`, with and without files.
#include <doctest/doctest.h>

#include <fstream>

#include "cli/agent/agent_flags.h"
#include "cli/agent/agent_options.h"
#include "cli/agent/own_address.h"
#include "cli/agent/reload.h"
#include "tests/drivers/node/temp_folder.h"

namespace orch {
namespace {

using Words = std::vector<std::string>;

AgentOptions good(const Words& words) {
  AgentFlags flags;
  REQUIRE(flags.line.read(words).has_value());
  auto o = AgentOptions::from(flags);
  REQUIRE_MESSAGE(o.has_value(), (o ? std::string() : o.error()));
  return *o;
}

std::string bad(const Words& words) {
  AgentFlags flags;
  if (const auto read = flags.line.read(words); !read) return read.error();
  const auto o = AgentOptions::from(flags);
  REQUIRE(!o.has_value());
  return o.error();
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

TEST_CASE("-dev is a server and a client on the loopback, with raw_exec") {
  const AgentOptions o = good({"--dev"});
  CHECK(o.server.enabled);
  CHECK(o.client.enabled);
  CHECK(o.drivers.raw_exec);
  CHECK(o.data_dir == "");
  CHECK(o.bind == "127.0.0.1");
  CHECK(o.client.network_interface == "lo");
}

TEST_CASE("flags override files, later files override earlier ones, a folder is read in lexical order") {
  test::TempFolder folder;
  write(folder.path() + "/20.json", R"({"datacenter": "second", "log_level": "WARN"})");
  write(folder.path() + "/10.hcl", R"(datacenter = "first" region = "eu" server { enabled = true })");
  write(folder.path() + "/notes.txt", "not a configuration");
  write(folder.path() + "/.hidden.hcl", "nor = this");
  test::TempFolder other;
  write(other.path() + "/own.hcl",
        R"(data_dir = "/from/file" client { node_class = "small" meta { a = "file" b = "file" } })");

  const AgentOptions o = good({"--config", folder.path(), "--config", other.path() + "/own.hcl", "--data-dir",
                               "/from/flag", "--meta", "a=flag", "--log-level", "debug"});
  CHECK(o.region == "eu");
  CHECK(o.datacenter == "second");
  CHECK(o.log_level == "DEBUG");
  CHECK(o.data_dir == "/from/flag");
  CHECK(o.server.enabled);
  CHECK(!o.client.enabled);
  CHECK(o.client.node_class == "small");
  CHECK(o.client.meta == std::map<std::string, std::string>{{"a", "flag"}, {"b", "file"}});
  CHECK(o.config_files == Words{folder.path() + "/10.hcl", folder.path() + "/20.json", other.path() + "/own.hcl"});
}

TEST_CASE("of a flag that is given twice the last one counts; numbers keep to their range") {
  const AgentOptions o = good({"-dev", "-dc", "a", "-dc=b", "-http-port", "0"});
  CHECK(o.datacenter == "b");
  CHECK(o.http_port == 0);
  CHECK(bad({"-dev", "-http-port", "65536"}) == "-http-port: takes a number from 0 to 65535, got 65536");
  CHECK(bad({"-dev", "-http-port", "x"}) == "-http-port: takes a number from 0 to 65535, got x");
  CHECK(bad({"-dev", "-cpu-total-compute=-5"}).starts_with("-cpu-total-compute: takes a number from 0"));
}

TEST_CASE("servers of a client: by commas, with a port of their own or 4646") {
  const AgentOptions o =
      good({"--client", "--data-dir", "/d", "--servers=10.0.0.1:5000,10.0.0.2", "--servers", "[::1]:4646"});
  CHECK(o.client.servers == Words{"10.0.0.1:5000", "10.0.0.2:4646", "[::1]:4646"});
  CHECK(good({"--client", "--data-dir", "/d", "--servers=10.0.0.1:4647"}).warnings.find("Nomad's RPC port") !=
        std::string::npos);
}

TEST_CASE("what is missing or wrong is told with the next step") {
  CHECK(bad({}).starts_with("Must specify either server, client or dev mode for the agent: -server"));
  CHECK(bad({"--server"}) == "Must specify data directory: -data-dir, or data_dir in a -config file.");
  CHECK(bad({"--client", "--data-dir", "/d"}).find("-servers=HOST:PORT") != std::string::npos);
  CHECK(bad({"--dev", "--log-level", "loud"}) == "-log-level: expected DEBUG, INFO, WARN or ERROR, got \"loud\"");
  CHECK(bad({"--dev", "--meta", "rack"}) == "-meta: expected KEY=VALUE, got \"rack\"");
  CHECK(bad({"--dev", "--config", "/no/such"}) == "-config: cannot read /no/such: No such file or directory");
  CHECK(bad({"--client", "--data-dir", "/d", "--servers=host:port"}).find("\"port\" is not a port") !=
        std::string::npos);
  CHECK(bad({"--dev", "--heartbeat-ttl=0"}) == "-heartbeat-ttl: expected 1 to 31536000 seconds, got 0");
  CHECK(bad({"--dev", "--heartbeat-ttl=999999999999999999"}) ==
        "-heartbeat-ttl: expected 1 to 31536000 seconds, got 999999999999999999");
  for (const char* host : {"a.example", "10.0.0.1", "10.0.0.1:80", "::1", "[::1]:80", "http://a.example:80"}) {
    CHECK(good({"--dev", "--advertise", host}).http_advertise == host);
  }
  CHECK(bad({"--dev", "--advertise=a:b:c"}).starts_with("advertise: address \"a:b:c\": "));
  CHECK(bad({"--dev", "--advertise=a:99999"}) ==
        "advertise: address \"a:99999\": \"99999\" is not a port (0 to 65535)");
  CHECK(bad({"--dev", "--advertise=:80"}) == "advertise: address \":80\" has no host");
  CHECK(bad({"--dev", "--advertise=a:0"}).starts_with("advertise: expected HOST or HOST:PORT"));
  test::TempFolder empty;
  CHECK(bad({"--dev", "--config", empty.path()}) ==
        "-config: the folder " + empty.path() + " holds no *.hcl or *.json file");
}

TEST_CASE("a reload takes over the log level and the node's description, and names what it can't") {
  const AgentOptions now = good({"--dev", "--meta", "rack=r1"});
  CHECK(compare_options(now, now).needs_restart.empty());
  const AgentOptions other =
      good({"--dev", "--meta", "rack=r2", "--log-level", "DEBUG", "--bind", "127.0.0.2", "--dc", "dc2"});
  const ReloadPlan plan = compare_options(now, other);
  CHECK(plan.log_level);
  CHECK(plan.node);
  CHECK(plan.needs_restart == Words{"datacenter", "bind_addr", "client"});
}

TEST_CASE("addresses") {
  CHECK(host_port("10.0.0.1", 4646) == "10.0.0.1:4646");
  CHECK(host_port("::1", 4646) == "[::1]:4646");
  CHECK(is_loopback("127.0.0.1"));
  CHECK(!is_loopback("0.0.0.0"));
  CHECK(reachable_address("10.0.0.1", "") == "10.0.0.1");
  CHECK(reachable_address("0.0.0.0", "lo") == "127.0.0.1");
  CHECK(!is_any_address(reachable_address("0.0.0.0", "")));
}

}  // namespace
}  // namespace orch
