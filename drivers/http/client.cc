// /v1/client/…: answered by the node client of this agent when it is about this node, else passed on to the node that
// has the allocation, or that `node_id` names.
#include <boost/json.hpp>

#include "core/model/json_limits.h"
#include "drivers/http/api.h"
#include "drivers/http/forwarder.h"
#include "drivers/http/node_port.h"
#include "drivers/http/reply.h"
#include "drivers/net/percent.h"

namespace orch::http {
namespace {

namespace json = boost::json;

struct Refusal {
  int status;
  std::string message;
};

struct NodeAddress {
  std::string id, name, address;
};

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::expected<NodeAddress, Refusal> find_node(const Queries& queries, const std::string& id) {
  const auto node = queries.node(id);
  if (!node) return std::unexpected(Refusal{404, "Unknown node \"" + id + "\""});
  json::error_code error;
  const json::value parsed = parse_answer(node->json, error);
  if (error || !parsed.is_object()) return std::unexpected(Refusal{500, "node \"" + id + "\" is not readable"});
  const json::object& fields = parsed.as_object();
  return NodeAddress{id, text_of(fields, "Name"), text_of(fields, "HTTPAddr")};
}

/// The node that a request is about. Nomad's words where its command line shows them.
std::expected<NodeAddress, Refusal> node_of(const Context& context, const Request& request) {
  const Queries queries = context.server.queries();
  const std::vector<std::string>& path = request.segments;
  if (path.size() == 3) {
    const std::string id = request.param("node_id");
    if (id.empty()) return std::unexpected(Refusal{400, "No local Node and node_id not provided"});
    return find_node(queries, id);
  }
  if (path.size() != 5) return std::unexpected(Refusal{404, "Path not found: " + request.path});
  const std::string& id = path[2] == "allocation" ? path[3] : path[4];
  if (id.size() != 36) {
    return std::unexpected(Refusal{500, "alloc lookup failed: index error: UUID must be 36 characters"});
  }
  const auto allocation = queries.allocation(id);
  if (!allocation) return std::unexpected(Refusal{404, "Unknown allocation \"" + id + "\""});
  json::error_code error;
  const json::value parsed = parse_answer(allocation->json, error);
  if (error || !parsed.is_object())
    return std::unexpected(Refusal{500, "allocation \"" + id + "\" is not readable"});
  return find_node(queries, text_of(parsed.as_object(), "NodeID"));
}

std::string target_of(const Request& request) {
  std::string target;
  for (const std::string& segment : request.segments) target += "/" + net::percent_encoded(segment);
  char separator = '?';
  for (const auto& [name, value] : request.params) {
    target += separator + net::percent_encoded(name) + "=" + net::percent_encoded(value);
    separator = '&';
  }
  return target;
}

void to_own_node(Context& context, Request request, net::Responder responder) {
  NodeRequest call{.method = request.method, .params = request.params, .body = std::move(request.body)};
  call.segments.assign(request.segments.begin() + 2, request.segments.end());
  context.node->answer(std::move(call), std::move(responder));
}

void pass_to_node(Context& context, Request request, net::Responder responder) {
  const auto node = node_of(context, request);
  if (!node) return send_error(responder, node.error().status, node.error().message);
  const std::string name = "node " + node->id.substr(0, 8) + " (" + node->name + ")";
  if (context.node != nullptr && node->id == context.facts.node_id) {
    return to_own_node(context, std::move(request), std::move(responder));
  }
  if (request.hops > 1) return send_error(responder, 404, "No path to node: " + name + " is not this one");
  auto endpoint = net::Endpoint::parse(node->address);
  if (!endpoint) return send_error(responder, 404, "No path to node: " + name + ": " + endpoint.error());
  net::HttpRequest passed{request.method, target_of(request), {}, std::move(request.body)};
  if (!passed.body.empty()) passed.headers.emplace_back("Content-Type", "application/json");
  if (!request.token.empty()) passed.headers.emplace_back("X-Nomad-Token", request.token);
  if (!request.idempotency_key.empty()) passed.headers.emplace_back("Idempotency-Key", request.idempotency_key);
  context.forwarder->pass_on(std::move(passed), {std::move(*endpoint)}, std::max(request.hops, 1),
                             {404, "No path to node: " + name + ": "}, std::move(responder));
}

}  // namespace

void add_client_routes(Router& router, Context& context) {
  router.add("GET PUT", "/v1/client/*path",
             [&context](Request request, std::vector<std::string>, net::Responder responder) {
               if (context.node != nullptr && context.node->is_about_this_node(request.segments, request.params)) {
                 return to_own_node(context, std::move(request), std::move(responder));
               }
               pass_to_node(context, std::move(request), std::move(responder));
             });
}

}  // namespace orch::http
