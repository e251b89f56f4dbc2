#include "drivers/http/node_register.h"

#include <algorithm>

#include "core/model/job_json.h"
#include "core/model/json_text.h"
#include "core/model/json_writer.h"
#include "drivers/crypto/sha256.h"
#include "drivers/http/body.h"
#include "drivers/http/reply.h"
#include "drivers/uuid/uuid.h"

namespace orch::http {
namespace {

constexpr std::size_t longest_name = 255;

std::string name_problem(const char* field, const std::string& name) {
  const bool control = std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (control) return std::string(field) + ": contains a control character";
  if (name.size() > longest_name)
    return std::string(field) + ": at most " + std::to_string(longest_name) + " bytes, got " +
           std::to_string(name.size());
  return {};
}

std::string amount_problem(const char* block, const NodeResources& amounts) {
  const std::pair<const char*, std::int32_t> fields[] = {
      {"CPU", amounts.cpu}, {"MemoryMB", amounts.memory_mb}, {"DiskMB", amounts.disk_mb}, {"IOPS", amounts.iops}};
  for (const auto& [field, amount] : fields) {
    if (amount < 0)
      return std::string(block) + "." + field + ": expected an amount that is not negative, got " +
             std::to_string(amount);
  }
  return {};
}

/// Empty when the node may be registered; what is missing, the reducer refuses on the record.
std::string problem_of(const Node& node) {
  if (!node.id.empty() && !is_uuid(node.id)) return "ID: expected a UUID, got " + quoted(node.id.substr(0, 60));
  for (const std::string& problem :
       {name_problem("Name", node.name), name_problem("Datacenter", node.datacenter),
        name_problem("NodeClass", node.node_class), amount_problem("Resources", node.resources),
        amount_problem("Reserved", node.reserved)}) {
    if (!problem.empty()) return problem;
  }
  return {};
}

}  // namespace

std::string node_answer(const Context& context, LogIndex index) {
  std::string out;
  JsonWriter json(out);
  json.object()
      .member("EvalCreateIndex", 0)
      .null_member("EvalIDs")
      .member("HeartbeatTTL", context.server.options().heartbeat_ttl.ns)
      .member("Index", index)
      .member("KnownLeader", true)
      .member("LeaderRPCAddr", net::host_and_port(context.facts.bind, context.facts.http_port))
      .member("NodeModifyIndex", index)
      .member("NumNodes", 0)
      .null_member("Servers")
      .end();
  return out;
}

void register_node(Context& context, Request request, net::Responder responder) {
  auto body = Body::parse(request.body);
  if (!body) return send_error(responder, 400, body.error());
  const boost::json::value* node_json = body->member("Node");
  if (node_json == nullptr) return send_error(responder, 400, "missing node for client registration");
  auto node = node_from_json(*node_json);
  if (!node) return send_error(responder, 400, "Node: " + node.error());
  if (const std::string problem = problem_of(*node); !problem.empty())
    return send_error(responder, 400, "Node: " + problem);
  const boost::json::value* secret = node_json->get_object().if_contains("SecretID");
  const bool has_secret = secret != nullptr && secret->is_string() && !secret->get_string().empty();
  const std::string id = node->id;
  GroupBuilder group;
  group.register_node(id, *node,
                      has_secret ? sha256({secret->get_string().data(), secret->get_string().size()}) : std::string());
  GroupHeader header = header_of(request);
  header.actor = "node " + id;
  std::string bytes = group.finish(header);
  submit(context, std::move(request), std::move(responder), std::move(bytes), [&context, id](const Answered& answered) {
    context.server.node_registered(id);
    return node_answer(context, answered.index);
  });
}

}  // namespace orch::http
