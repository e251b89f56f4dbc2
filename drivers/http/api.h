// The /v1 API: every noun's routes, bound to a server (and to the node client of the same agent, when there is one).
//
// Endpoint files register their routes here: jobs.cc, nodes.cc, allocations.cc, evaluations.cc, deployments.cc,
// services.cc, search.cc, events.cc, history.cc, agent.cc, client.cc. The paths, fields and sentences are Nomad's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "drivers/http/router.h"
#include "drivers/server/server.h"

namespace orch::http {

class EventStreams;
class Forwarder;
class NodePort;

/// What the agent knows of itself; fixed after start.
struct AgentFacts {
  std::string name, region = "global", datacenter = "dc1", bind = "127.0.0.1";
  std::uint16_t http_port = 4646;
  bool server = true, client = false;
  std::string version;
  std::string node_id;  ///< of the client in this agent, else empty
  std::string data_dir, log_level = "INFO";
  bool dev = false;
  std::function<std::string()> config;  ///< JSON of what it was told, as of now
};

/// Name → value of what the program runs on, for /v1/agent/self.
std::map<std::string, std::string> runtime_facts();

struct Context {
  Server& server;
  AgentFacts facts;
  NodePort* node = nullptr;  ///< the node client in this agent
  EventStreams* streams = nullptr;
  Forwarder* forwarder = nullptr;  ///< to the nodes of other agents
  Duration answer_within = seconds(30);  ///< a write that is not answered by then has an unknown outcome: 504
};

/// A command on its way into the log: who asks and under which key are taken from the request.
GroupHeader header_of(const Request& request);

/// Submits and answers: `reply` turns an accepted outcome into JSON; a refusal becomes 500 with its reason, an unknown
/// outcome 504, an unavailable log 503. A repeat under the same Idempotency-Key gets the first answer, index included.
using ReplyWriter = std::function<std::string(const Answered&)>;
void submit(Context& context, Request request, net::Responder responder, std::string group, ReplyWriter reply);
/// The same for what a node reports of its allocations.
void submit_report(Context& context, Request request, net::Responder responder, std::string group, ReplyWriter reply);

/// `"EvalID":…` and friends, as every job write answers.
std::string job_write_reply(const Context& context, const Answered& answered, const std::string& warnings);

/// The id text of a number of this cluster, and back.
std::string evaluation_id(const Context& context, EvaluationNumber n);

void add_job_routes(Router& router, Context& context);
void add_node_routes(Router& router, Context& context);
void add_allocation_routes(Router& router, Context& context);
void add_evaluation_routes(Router& router, Context& context);
void add_deployment_routes(Router& router, Context& context);
void add_service_routes(Router& router, Context& context);
void add_search_routes(Router& router, Context& context);
void add_event_routes(Router& router, Context& context);
void add_history_routes(Router& router, Context& context);
void add_agent_routes(Router& router, Context& context);
void add_client_routes(Router& router, Context& context);

void add_all_routes(Router& router, Context& context);

}  // namespace orch::http
