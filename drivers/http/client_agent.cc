#include "drivers/http/client_agent.h"

#include <boost/json.hpp>

#include "drivers/http/reply.h"
#include "drivers/http/router.h"

namespace orch::http {
namespace {

namespace json = boost::json;

json::object object_of(const std::map<std::string, std::string>& facts) {
  json::object made;
  for (const auto& [name, value] : facts) made[name] = value;
  return made;
}

}  // namespace

ClientAgent::ClientAgent(const AgentFacts& facts, NodePort& node, Forwarder& forwarder,
                         std::vector<net::Endpoint> servers)
    : facts_(facts), node_(node), forwarder_(forwarder), servers_(std::move(servers)) {}

void ClientAgent::handle(const net::ServerRequest& raw, net::Responder responder) {
  auto request = Request::from(raw);
  if (!request) return send_error(responder, 400, request.error());
  if (request->segments.empty() || request->segments[0] != "v1")
    return send_error(responder, 404, "404 page not found\n");
  if (const std::string problem = namespace_problem(*request, request->method == "GET"); !problem.empty())
    return send_error(responder, 501, problem);
  const int hops = hops_of(raw);
  const bool of_node = request->segments.size() > 1 && request->segments[1] == "client";
  // What is asked of another node goes by way of the servers, who know where it is.
  if (of_node && (hops > 0 || node_.is_about_this_node(request->segments, request->params))) {
    NodeRequest call{.method = request->method, .params = request->params, .body = std::move(request->body)};
    call.segments.assign(request->segments.begin() + 2, request->segments.end());
    return node_.answer(std::move(call), std::move(responder));
  }
  if (answer_itself(*request, responder)) return;
  if (hops > 0) {
    return send_error(responder, 502,
                      "this agent runs no server and passes nothing on that was passed on to it: the servers of a "
                      "client must be servers");
  }
  forwarder_.pass_on(request_to_pass(raw), servers_, hops, {502, "no server could be reached: "}, std::move(responder));
}

bool ClientAgent::answer_itself(Request& request, net::Responder& responder) {
  const std::vector<std::string>& path = request.segments;
  if (path.size() != 3 || path[1] != "agent") return false;
  const bool read = request.method == "GET";
  auto send = [&](const json::value& body) { send_json(responder, request, json::serialize(body), std::nullopt); };
  if (path[2] == "self" && read) {
    json::object client = object_of(node_.facts());
    std::string known;
    for (const net::Endpoint& server : servers_) known += (known.empty() ? "" : ",") + net::endpoint_name(server);
    client["known_servers"] = known;
    send(json::object{{"config", json::parse(facts_.config())},
                      {"member", json::object{{"Addr", nullptr},
                                              {"DelegateCur", 0},
                                              {"DelegateMax", 0},
                                              {"DelegateMin", 0},
                                              {"Name", ""},
                                              {"Port", 0},
                                              {"ProtocolCur", 0},
                                              {"ProtocolMax", 0},
                                              {"ProtocolMin", 0},
                                              {"Status", "none"},
                                              {"Tags", nullptr}}},
                      {"stats", json::object{{"client", client}, {"runtime", object_of(runtime_facts())}}}});
  } else if (path[2] == "health" && read) {
    if (request.param("type") == "server") {
      // Nomad's answer when the part that is asked after doesn't run here.
      responder.send(500, "application/json", R"({"server":{"message":"server not enabled","ok":false}})");
    } else {
      send(json::object{{"client", json::object{{"message", "ok"}, {"ok", true}}}});
    }
  } else if (path[2] == "servers" && read) {
    json::array list;
    for (const net::Endpoint& server : servers_) list.push_back(json::string(net::endpoint_name(server)));
    send(list);
  } else if (path[2] == "join" || path[2] == "force-leave" || path[2] == "keyring") {
    send_error(responder, 501, "Invalid method");
  } else {
    return false;
  }
  return true;
}

}  // namespace orch::http
