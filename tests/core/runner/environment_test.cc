#include "core/runner/environment.h"

#include <doctest/doctest.h>

using namespace orch;

namespace {

NetworkResource network(std::string ip, std::vector<Port> dynamic, std::vector<Port> reserved = {}) {
  NetworkResource n;
  n.ip = std::move(ip);
  n.dynamic_ports = std::move(dynamic);
  n.reserved_ports = std::move(reserved);
  return n;
}

/// Two tasks: "redis" with a mapped port, "web" beside it on another address.
struct Example {
  Job job;
  Node node;
  std::map<std::string, Resources> task_resources;
  StringMap host_env;

  Example() {
    job.id = job.name = "example";
    job.meta = {{"owner", "job"}, {"team", "core"}};
    TaskGroup group;
    group.name = "cache";
    group.meta = {{"owner", "group"}};
    Task task;
    task.name = "redis";
    task.config = {{"image", "redis:3.2"},
                   {"port_map", Value::List{Value::Map{{"db", 6379}}}},
                   {"labels", Value::Map{{"${NOMAD_JOB_NAME}.rack", "${meta.rack}"}}},
                   {"args", Value::List{"--port", "${NOMAD_PORT_db}", 7}}};
    task.env = {{"GREETING", "hi from ${NOMAD_ALLOC_NAME} on ${node.unique.name}"}, {"9lives", "yes"}};
    task.meta = {{"owner", "${attr.kernel.name} ops"}};
    group.tasks = {task};
    job.task_groups = {group};
    node.id = "52518a59";
    node.name = "n1";
    node.node_class = "big";
    node.attributes = {{"kernel.name", "linux"}, {"unique.hostname", "box"}};
    node.meta = {{"rack", "r7"}};
    Resources redis;
    redis.cpu = 500;
    redis.memory_mb = 256;
    redis.networks = {network("127.0.0.1", {{.label = "db", .value = 24062}}, {{.label = "http-api", .value = 80}})};
    Resources web;
    web.networks = {network("::1", {{.label = "http", .value = 8080}})};
    task_resources = {{"redis", redis}, {"web", web}};
  }

  TaskEnvironment environment() const {
    return TaskEnvironment::of({.job = job,
                                .group = job.task_groups[0],
                                .task = job.task_groups[0].tasks[0],
                                .node = node,
                                .task_resources = task_resources,
                                .alloc_id = "20bd1afa",
                                .alloc_name = "example.cache[1]",
                                .region = "global",
                                .folders = {"/alloc", "/local", "/secrets"},
                                .host_env = host_env});
  }
};

}  // namespace

TEST_CASE("the whole environment of a task") {
  CHECK(Example().environment().variables() == StringMap{
                                                   {"GREETING", "hi from example.cache[1] on n1"},
                                                   {"NOMAD_ADDR_db", "127.0.0.1:24062"},
                                                   {"NOMAD_ADDR_http_api", "127.0.0.1:80"},
                                                   {"NOMAD_ADDR_web_http", "[::1]:8080"},
                                                   {"NOMAD_ALLOC_DIR", "/alloc"},
                                                   {"NOMAD_ALLOC_ID", "20bd1afa"},
                                                   {"NOMAD_ALLOC_INDEX", "1"},
                                                   {"NOMAD_ALLOC_NAME", "example.cache[1]"},
                                                   {"NOMAD_CPU_LIMIT", "500"},
                                                   {"NOMAD_DC", "dc1"},
                                                   {"NOMAD_GROUP_NAME", "cache"},
                                                   {"NOMAD_HOST_PORT_db", "24062"},
                                                   {"NOMAD_HOST_PORT_http_api", "80"},
                                                   {"NOMAD_IP_db", "127.0.0.1"},
                                                   {"NOMAD_IP_http_api", "127.0.0.1"},
                                                   {"NOMAD_IP_web_http", "::1"},
                                                   {"NOMAD_JOB_ID", "example"},
                                                   {"NOMAD_JOB_NAME", "example"},
                                                   {"NOMAD_MEMORY_LIMIT", "256"},
                                                   {"NOMAD_META_OWNER", "linux ops"},
                                                   {"NOMAD_META_TEAM", "core"},
                                                   {"NOMAD_META_owner", "linux ops"},
                                                   {"NOMAD_META_team", "core"},
                                                   {"NOMAD_NAMESPACE", "default"},
                                                   {"NOMAD_PORT_db", "6379"},
                                                   {"NOMAD_PORT_http_api", "80"},
                                                   {"NOMAD_PORT_web_http", "8080"},
                                                   {"NOMAD_REGION", "global"},
                                                   {"NOMAD_SECRETS_DIR", "/secrets"},
                                                   {"NOMAD_TASK_DIR", "/local"},
                                                   {"NOMAD_TASK_NAME", "redis"},
                                                   {"_lives", "yes"},
                                               });
}

TEST_CASE("references to what is known are replaced, all else stays as it stands") {
  const TaskEnvironment environment = Example().environment();
  const auto replaced = [&](std::string_view text) { return environment.interpolate(text); };
  CHECK(replaced("${attr.kernel.name}/${attr.unique.hostname}/${meta.rack}") == "linux/box/r7");
  CHECK(replaced("${node.unique.id} ${node.class} ${node.datacenter} ${node.region}") == "52518a59 big dc1 global");
  CHECK(replaced("${env[\"GREETING\"]}") == "hi from example.cache[1] on n1");
  CHECK(replaced("${GREETING}") == "hi from example.cache[1] on n1");
  CHECK(replaced("${NOMAD_ADDR_http-api}") == "127.0.0.1:80");
  CHECK(replaced("${NOMAD_META_owner}") == "linux ops");
  CHECK(replaced("${meta.unknown} ${attr.} ${} ${NOMAD_PORT_nix}") == "${meta.unknown} ${attr.} ${} ${NOMAD_PORT_nix}");
  CHECK(replaced("$NOMAD_DC ${ ${NOMAD_DC} ${NOMAD_DC") == "$NOMAD_DC ${ dc1 ${NOMAD_DC");
  CHECK(replaced("${env[\"nix\"]}") == "${env[\"nix\"]}");
  CHECK(replaced("") == "");
}

TEST_CASE("config trees are replaced whole") {
  const Example example;
  const Value::Map config = example.environment().interpolate(example.job.task_groups[0].tasks[0].config);
  CHECK(config.at("labels") == Value(Value::Map{{"example.rack", "r7"}}));
  CHECK(config.at("args") == Value(Value::List{"--port", "6379", 7}));
  CHECK(config.at("image") == Value("redis:3.2"));
}

TEST_CASE("ports know their place inside") {
  const auto ports = Example().environment().ports();
  REQUIRE(ports.size() == 2);
  CHECK(ports[0].label == "http-api");
  CHECK(ports[0].to == 0);
  CHECK(ports[1].label == "db");
  CHECK(ports[1].host_ip == "127.0.0.1");
  CHECK(ports[1].value == 24062);
  CHECK(ports[1].to == 6379);
}

TEST_CASE("a port map is a map, a list of maps, and its numbers may be texts") {
  CHECK(port_map_of({{"port_map", Value::Map{{"a", 1}, {"b", "22"}, {"c", "x"}}}}) ==
        std::map<std::string, int>{{"a", 1}, {"b", 22}});
  CHECK(port_map_of({{"port_map", Value::List{Value::Map{{"a", 1}}, Value::Map{{"b", 2.0}}}}}) ==
        std::map<std::string, int>{{"a", 1}, {"b", 2}});
  CHECK(port_map_of({}).empty());
}

TEST_CASE("the host's variables give way, and a dispatch's optional meta is empty") {
  Example example;
  example.host_env = {{"PATH", "/bin"}, {"GREETING", "host"}, {"NOMAD_DC", "host"}};
  example.job.parameterized = Parameterized{.meta_optional = {"input", "team"}};
  example.job.parent_id = "parent";
  const StringMap variables = example.environment().variables();
  CHECK(variables.at("PATH") == "/bin");
  CHECK(variables.at("NOMAD_DC") == "dc1");
  CHECK(variables.at("GREETING").starts_with("hi"));
  CHECK(variables.at("NOMAD_META_INPUT") == "");
  CHECK(variables.at("NOMAD_META_team") == "core");
  CHECK(variables.at("NOMAD_JOB_PARENT_ID") == "parent");
}

TEST_CASE("services are replaced down to their checks") {
  Service service;
  service.name = "${NOMAD_JOB_NAME}-${NOMAD_TASK_NAME}";
  service.tags = {"${meta.rack}", "plain"};
  service.checks.push_back({.header = {{"Host", {"${node.unique.name}"}}}, .path = "/${NOMAD_GROUP_NAME}"});
  const Service out = Example().environment().interpolate(service);
  CHECK(out.name == "example-redis");
  CHECK(out.tags == StringList{"r7", "plain"});
  CHECK(out.checks[0].path == "/cache");
  CHECK(out.checks[0].header.at("Host") == StringList{"n1"});
}

TEST_CASE("indexes of allocation names") {
  CHECK(TaskEnvironment::index_of("example.cache[12]") == "12");
  CHECK(TaskEnvironment::index_of("odd[1].g[0]") == "0");
  CHECK(TaskEnvironment::index_of("none") == "");
}
