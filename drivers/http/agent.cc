// /v1/agent, /v1/status, /v1/regions and the endpoints of which orch has no counterpart yet.
#include <sys/utsname.h>

#include <algorithm>
#include <boost/json.hpp>
#include <thread>

#include "core/base/duration_text.h"
#include "drivers/http/api.h"
#include "drivers/http/metrics.h"
#include "drivers/http/node_port.h"
#include "drivers/http/reply.h"

namespace orch::http {
namespace {

namespace json = boost::json;

std::string rpc_address(const AgentFacts& facts) { return net::host_and_port(facts.bind, facts.http_port); }

json::object member(const Context& context) {
  const AgentFacts& f = context.facts;
  return {{"Addr", f.bind},
          {"DelegateCur", 4},
          {"DelegateMax", 5},
          {"DelegateMin", 2},
          {"Name", f.name + "." + f.region},
          {"Port", f.http_port},
          {"ProtocolCur", 2},
          {"ProtocolMax", 5},
          {"ProtocolMin", 1},
          {"Status", "alive"},
          {"Tags", json::object{{"bootstrap", "1"},
                                {"build", f.version},
                                {"dc", f.datacenter},
                                {"id", context.server.log().id()},
                                {"mvn", "1"},
                                {"port", std::to_string(f.http_port)},
                                {"raft_vsn", "2"},
                                {"region", f.region},
                                {"role", "nomad"},
                                {"rpc_addr", f.bind},
                                {"vsn", "1"}}}};
}

json::object stats(const Context& context) {
  const std::string index = std::to_string(context.server.log().head());
  json::object all;
  if (!context.facts.node_id.empty() && context.node != nullptr) {
    all["client"] = json::object{{"heartbeat_ttl", duration_text(context.server.options().heartbeat_ttl)},
                                 {"known_servers", rpc_address(context.facts)},
                                 {"last_heartbeat", "0s"},
                                 {"node_id", context.facts.node_id},
                                 {"num_allocations", context.node->facts().at("num_allocations")}};
  }
  all["nomad"] = json::object{{"bootstrap", "true"},
                              {"known_regions", "1"},
                              {"leader", "true"},
                              {"leader_addr", rpc_address(context.facts)},
                              {"server", "true"}};
  all["log"] = json::object{{"id", context.server.log().id()},
                            {"head", index},
                            {"oldest", std::to_string(context.server.log().oldest())}};
  all["raft"] = json::object{{"applied_index", std::to_string(context.server.queries().applied())},
                             {"commit_index", index},
                             {"fsm_pending", "0"},
                             {"last_contact", "0"},
                             {"last_log_index", index},
                             {"last_log_term", "1"},
                             {"last_snapshot_index", std::to_string(context.server.snapshot_index())},
                             {"last_snapshot_term", "0"},
                             {"num_peers", "0"},
                             {"state", "Leader"},
                             {"term", "1"}};
  json::object runtime;
  for (const auto& [name, value] : runtime_facts()) runtime[name] = value;
  all["runtime"] = std::move(runtime);
  return all;
}

}  // namespace

std::map<std::string, std::string> runtime_facts() {
  struct utsname names {};
  ::uname(&names);
  const std::string machine = names.machine;
  return {{"arch", machine == "x86_64" ? "amd64" : machine == "aarch64" ? "arm64" : machine},
          {"cpu_count", std::to_string(std::thread::hardware_concurrency())},
          {"kernel.name", "linux"},
          {"version", "C++23"}};
}

void add_agent_routes(Router& router, Context& context) {
  auto answer = [&](const char* path, auto make) {
    router.add("GET", path, [make](Request request, std::vector<std::string>, net::Responder responder) {
      send_json(responder, request, json::serialize(json::value(make(request))), std::nullopt);
    });
  };
  answer("/v1/agent/self", [&context](const Request&) {
    return json::object{
        {"config", json::parse(context.facts.config())}, {"member", member(context)}, {"stats", stats(context)}};
  });
  answer("/v1/agent/members", [&context](const Request&) {
    return json::object{{"Members", json::array{member(context)}},
                        {"ServerDC", context.facts.datacenter},
                        {"ServerName", context.facts.name},
                        {"ServerRegion", context.facts.region}};
  });
  answer("/v1/agent/servers", [&context](const Request&) { return json::array{rpc_address(context.facts)}; });
  answer("/v1/agent/health", [&context](const Request& request) {
    json::object health;
    const std::string type = request.param("type");
    if (type != "server" && context.facts.client) health["client"] = json::object{{"message", "ok"}, {"ok", true}};
    if (type != "client" && context.facts.server) health["server"] = json::object{{"message", "ok"}, {"ok", true}};
    return health;
  });
  answer("/v1/regions", [&context](const Request&) { return json::array{context.facts.region}; });
  answer("/v1/status/leader", [&context](const Request&) { return json::string(rpc_address(context.facts)); });
  answer("/v1/status/peers", [&context](const Request&) { return json::array{rpc_address(context.facts)}; });
  add_metrics_route(router, context);
  for (const char* later : {"gc", "reconcile summaries"}) {
    std::string path = std::string("/v1/system/") + later;
    std::replace(path.begin(), path.end(), ' ', '/');
    router.add("PUT", path, [later](Request, std::vector<std::string>, net::Responder responder) {
      send_error(responder, 501, std::string("system ") + later + " is not supported yet");
    });
  }
  for (const char* path : {"/v1/acl/*rest"}) {
    router.add("GET PUT DELETE", path, [](Request, std::vector<std::string>, net::Responder responder) {
      send_error(responder, 500, "ACL support disabled");
    });
  }
  for (const char* path : {"/v1/namespaces", "/v1/quotas", "/v1/sentinel/policies"}) {
    router.add("GET", path, [](Request, std::vector<std::string>, net::Responder responder) {
      send_error(responder, 501, "Nomad Enterprise only endpoint");
    });
  }
  for (const char* path : {"/v1/operator/*rest"}) {
    router.add("GET PUT DELETE", path, [](Request, std::vector<std::string>, net::Responder responder) {
      send_error(responder, 501, "operator endpoints are not supported yet; the log's figures are in /v1/agent/self");
    });
  }
}

}  // namespace orch::http
