// /v1/agent, /v1/status, /v1/regions, /v1/metrics and the endpoints of which orch has no counterpart yet.
#include <sys/utsname.h>

#include <boost/json.hpp>
#include <thread>

#include "cli/agent/http/api.h"
#include "cli/agent/http/reply.h"
#include "core/base/time_text.h"

namespace orch::http {
namespace {

namespace json = boost::json;

std::string rpc_address(const AgentFacts& facts) { return facts.bind + ":" + std::to_string(facts.http_port); }

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
  if (!context.facts.node_id.empty()) {
    all["client"] = json::object{{"heartbeat_ttl", "10s"},
                                 {"known_servers", rpc_address(context.facts)},
                                 {"last_heartbeat", "0s"},
                                 {"node_id", context.facts.node_id},
                                 {"num_allocations", "0"}};
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

struct Gauge {
  const char* name;
  const char* help;
  double value;
};

std::vector<Gauge> gauges(const Context& context, const State& state) {
  std::size_t running = 0, pending = 0, ready = 0;
  for (const JobState& job : state.jobs()) {
    for (const GroupSummary& s : job.summary) {
      running += s.running;
      pending += s.starting;
    }
  }
  for (const NodeState& node : state.nodes()) ready += node.ready() ? 1 : 0;
  return {{"nomad.nomad.log.head", "Index of the newest record group.", static_cast<double>(context.server.log().head())},
          {"nomad.nomad.jobs", "Jobs ever registered.", static_cast<double>(state.jobs().size())},
          {"nomad.nomad.allocations", "Allocations ever placed.", static_cast<double>(state.allocations().size())},
          {"nomad.client.allocs.running", "Allocations that run.", static_cast<double>(running)},
          {"nomad.client.allocs.pending", "Allocations that start.", static_cast<double>(pending)},
          {"nomad.nomad.broker.total_ready", "Evaluations that wait for a plan.", static_cast<double>(state.pending().size())},
          {"nomad.nomad.nodes.ready", "Nodes that take work.", static_cast<double>(ready)}};
}

void metrics(Context& context, Request request, net::Responder responder) {
  auto shared = std::make_shared<net::Responder>(std::move(responder));
  context.server.inspect([&context, request = std::move(request), shared](const State& state) {
    const std::vector<Gauge> list = gauges(context, state);
    if (request.param("format") == "prometheus") {
      std::string out;
      for (const Gauge& g : list) {
        std::string name = g.name;
        for (char& c : name) c = c == '.' ? '_' : c;
        out += "# HELP " + name + " " + g.help + "\n# TYPE " + name + " gauge\n" + name + " " +
               std::to_string(static_cast<long long>(g.value)) + "\n";
      }
      return shared->send(200, "text/plain; version=0.0.4", std::move(out));
    }
    json::array out;
    for (const Gauge& g : list) {
      out.push_back(json::object{{"Labels", json::object{{"host", context.facts.name}}}, {"Name", g.name}, {"Value", g.value}});
    }
    const json::object body{{"Counters", json::array{}}, {"Gauges", out},      {"Points", json::array{}},
                            {"Samples", json::array{}},  {"Timestamp", rfc3339(state.wall())}};
    send_json(*shared, request, json::serialize(body), std::nullopt);
  });
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
    return json::object{{"config", json::parse(context.facts.config())}, {"member", member(context)}, {"stats", stats(context)}};
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
  router.add("GET", "/v1/metrics", [&context](Request request, std::vector<std::string>, net::Responder responder) {
    metrics(context, std::move(request), std::move(responder));
  });
  for (const char* path : {"/v1/system/gc", "/v1/system/reconcile/summaries"}) {
    // Nothing is kept that would need it: lists cost what is live, and summaries are exact.
    router.add("PUT", path, [](Request, std::vector<std::string>, net::Responder responder) { responder.send(200, "", ""); });
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
      send_error(responder, 501, "operator endpoints are not supported: orch has no raft; its log's figures are in /v1/agent/self");
    });
  }
}

}  // namespace orch::http
