// /v1/nodes and /v1/node/…: read, and what node clients say.
#include <algorithm>
#include <span>

#include "core/base/utf8.h"
#include "core/model/job_json.h"
#include "core/model/json_text.h"
#include "core/model/json_writer.h"
#include "core/model/tables.h"
#include "core/runner/task_states_json.h"
#include "drivers/http/body.h"
#include "drivers/http/node_register.h"
#include "drivers/http/reads.h"
#include "node_messages_generated.h"
#include "projections/ids.h"

namespace orch::http {
namespace {

namespace json = boost::json;

/// The answer to a client that reads flat buffers (schemas/node_messages.fbs).
std::string compact(const Queries::NodeChanges& found) {
  std::vector<std::uint32_t> allocations;
  std::vector<std::uint8_t> desired, watched;
  for (const auto& change : found.changes) {
    allocations.push_back(change.allocation);
    desired.push_back(change.desired);
    watched.push_back(change.watched);
  }
  flatbuffers::FlatBufferBuilder b(256 + 6 * allocations.size());
  const auto allocations_column = b.CreateVector(allocations);
  const auto desired_column = b.CreateVector(desired);
  const auto watched_column = b.CreateVector(watched);
  b.Finish(wire::CreateNodeAllocations(b, found.index, allocations_column, desired_column, watched_column));
  return {reinterpret_cast<const char*>(b.GetBufferPointer()), b.GetSize()};
}

auto node_key(WatchKind kind) {
  return [kind](const Queries& q, const std::string& id) {
    const NodeNumber n = q.node_number(id);
    return n ? WatchKey{kind, n.value} : WatchKey{WatchKind::nodes};
  };
}

void node_allocations(Context& context, Request request, net::Responder responder, const std::string& id) {
  if (std::string problem = uuid_problem("node", id); !problem.empty()) return send_error(responder, 500, problem);
  // A node client waits for its own allocations only, or a busy cluster would wake every node at every placement.
  Read read{.watch = [id](const Queries& q) { return keys_of(node_key(WatchKind::node_allocations)(q, id)); },
            .noun = Noun::allocations};
  if (request.accept == compact_type) {
    const NodeNumber n = context.server.queries().node_number(id);
    if (!n) return send_error(responder, 404, "node not found");
    read.type = compact_type;
    read.query = [n](const Queries& q, const Request& r) -> std::optional<Answer> {
      const Queries::NodeChanges found = q.node_changes(n, r.index);
      return Answer{.json = compact(found), .index = found.index};
    };
  } else {
    read.query = [id](const Queries& q, const Request&) -> std::optional<Answer> { return q.node_allocations(id); };
  }
  answer_read(context.server, std::move(request), std::move(responder), std::move(read));
}

std::string report_reply(const Answered& answered) { return "{\"Index\":" + std::to_string(answered.index) + "}"; }

template <class Element>
flatbuffers::Offset<flatbuffers::Vector<Element>> copy(flatbuffers::FlatBufferBuilder& b,
                                                       const flatbuffers::Vector<Element>* column) {
  if (column == nullptr || column->size() == 0) return {};
  return b.CreateVector(column->data(), column->size());
}

using States = flatbuffers::Offset<wire::ReportedTasks>;
flatbuffers::Offset<flatbuffers::Vector<States>> copy(flatbuffers::FlatBufferBuilder& b,
                                                      const flatbuffers::Vector<States>* column) {
  if (column == nullptr || column->size() == 0) return {};
  std::vector<States> all;
  for (const auto* reported : *column) all.push_back(reported_tasks(b, states_in(*reported)));
  return b.CreateVector(all);
}

using Text = flatbuffers::Offset<flatbuffers::String>;
flatbuffers::Offset<flatbuffers::Vector<Text>> copy(flatbuffers::FlatBufferBuilder& b,
                                                    const flatbuffers::Vector<Text>* column) {
  if (column == nullptr || column->size() == 0) return {};
  std::vector<Text> texts;
  for (const auto* text : *column) texts.push_back(b.CreateSharedString(text->c_str(), text->size()));
  return b.CreateVector(texts);
}

std::string tasks_problem(const wire::ReportedTasks& reported) {
  const std::string_view bytes = states_in(reported);
  if (bytes.empty()) return {};
  const auto states = decode_task_states(std::as_bytes(std::span(bytes)));
  if (!states) return states.error();
  // All its texts are in the answers that are made of it.
  return bad_byte(task_states_json(states->tasks)) == std::string::npos ? "" : "expected UTF-8 text";
}

/// What keeps a report out of the log: records are read for ever, so whatever a later reader could stumble over.
std::string problem_of(const wire::UpdateAllocations& report) {
  const std::uint32_t count = report.allocations() != nullptr ? report.allocations()->size() : 0;
  const auto fits = [count](const auto* column, bool may_be_empty) {
    const std::uint32_t size = column != nullptr ? column->size() : 0;
    return size == count || (may_be_empty && size == 0);
  };
  if (!fits(report.client_status(), false)) return "client_status: expected one for each allocation";
  if (!fits(report.health(), true)) return "health: expected none, or one for each allocation";
  if (!fits(report.descriptions(), true)) return "descriptions: expected none, or one for each allocation";
  if (!fits(report.task_states(), true)) return "task_states: expected none, or one for each allocation";
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string at = "[" + std::to_string(i) + "]: ";
    const unsigned status = report.client_status()->Get(i);
    if (status > static_cast<unsigned>(ClientStatus::lost))
      return "client_status" + at + "expected 0 to 4, got " + std::to_string(status);
    const bool told = report.health() != nullptr && report.health()->size() != 0;
    if (told && report.health()->Get(i) > 2)
      return "health" + at + "expected 0 to 2, got " + std::to_string(report.health()->Get(i));
    const bool described = report.descriptions() != nullptr && report.descriptions()->size() != 0;
    if (described && bad_byte(report.descriptions()->Get(i)->string_view()) != std::string::npos)
      return "descriptions" + at + "expected UTF-8 text";
    if (report.task_states() == nullptr || report.task_states()->size() == 0) continue;
    if (const std::string problem = tasks_problem(*report.task_states()->Get(i)); !problem.empty())
      return "task_states" + at + problem;
  }
  return {};
}

/// A report in compact form: the columns are what the log gets.
void take_compact_report(Context& context, Request request, net::Responder responder, NodeNumber node) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(request.body.data()), request.body.size());
  if (!verifier.VerifyBuffer<wire::UpdateAllocations>(nullptr)) {
    return send_error(responder, 400, "the body is not an UpdateAllocations of schemas/record.fbs");
  }
  const auto& report = *flatbuffers::GetRoot<wire::UpdateAllocations>(request.body.data());
  if (const std::string problem = problem_of(report); !problem.empty()) return send_error(responder, 400, problem);
  GroupBuilder group;
  auto& b = group.flat();
  const auto allocations = copy(b, report.allocations());
  const auto client_status = copy(b, report.client_status());
  const auto health = copy(b, report.health());
  const auto descriptions = copy(b, report.descriptions());
  const auto task_states = copy(b, report.task_states());
  group.add(
      wire::CreateUpdateAllocations(b, node.value, allocations, client_status, health, descriptions, task_states));
  GroupHeader header = header_of(request);
  header.actor = "node " + request.segments[2];
  std::string bytes = group.finish(header);
  submit_report(context, std::move(request), std::move(responder), std::move(bytes), report_reply);
}

/// Bodies of reports: `{"Alloc":[{"ID","ClientStatus","TaskStates","DeploymentStatus":{"Healthy"}}]}`.
void update_allocations(Context& context, Request request, net::Responder responder, const std::string& node_id) {
  static constexpr std::string_view statuses[] = {"pending", "running", "complete", "failed", "lost"};
  const NodeNumber node = context.server.queries().node_number(node_id);
  if (!node) return send_error(responder, 404, "node not found");
  if (request.content_type == compact_type)
    return take_compact_report(context, std::move(request), std::move(responder), node);
  const auto body = Body::parse(request.body);
  if (!body) return send_error(responder, 400, body.error());
  const json::value* list = body->member("Alloc");
  if (list == nullptr || !list->is_array()) return send_error(responder, 400, "Alloc: expected a list of allocations");

  std::vector<std::uint32_t> numbers;
  std::vector<std::uint8_t> client_status, health;
  std::vector<std::string> descriptions, task_states;
  for (const json::value& item : list->get_array()) {
    const auto* alloc = item.if_object();
    const auto* id = alloc != nullptr ? alloc->if_contains("ID") : nullptr;
    const auto* status = alloc != nullptr ? alloc->if_contains("ClientStatus") : nullptr;
    if (id == nullptr || !id->is_string() || status == nullptr || !status->is_string()) {
      return send_error(responder, 400, "Alloc: each needs ID and ClientStatus");
    }
    const AllocationNumber n = allocation_number(context.server.log().id(), id->get_string());
    if (!n) continue;  // of another cluster, or made up: nothing to record
    const auto word = std::find(std::begin(statuses), std::end(statuses), std::string_view(status->get_string()));
    if (word == std::end(statuses)) {
      return send_error(responder, 400, "ClientStatus: expected pending, running, complete, failed or lost");
    }
    numbers.push_back(n.value);
    client_status.push_back(static_cast<std::uint8_t>(word - std::begin(statuses)));
    std::uint8_t healthy = 0;
    if (const auto* deployment = alloc->if_contains("DeploymentStatus");
        deployment != nullptr && deployment->is_object()) {
      if (const auto* h = deployment->get_object().if_contains("Healthy"); h != nullptr && h->is_bool()) {
        healthy = h->get_bool() ? 1 : 2;
      }
    }
    health.push_back(healthy);
    const auto* description = alloc->if_contains("ClientDescription");
    descriptions.push_back(description != nullptr && description->is_string() ? std::string(description->get_string())
                                                                              : "");
    const auto* states = alloc->if_contains("TaskStates");
    const bool told = states != nullptr && states->is_object();
    const auto tasks = told ? task_states_from_json(*states) : TaskStates();
    if (!tasks) return send_error(responder, 400, "TaskStates: " + tasks.error());
    task_states.push_back(told ? encode_task_states(*tasks) : "");
  }
  GroupBuilder group;
  auto& b = group.flat();
  const auto numbers_column = b.CreateVector(numbers);
  const auto status_column = b.CreateVector(client_status);
  const auto health_column = b.CreateVector(health);
  const auto descriptions_column = b.CreateVectorOfStrings(descriptions);
  std::vector<flatbuffers::Offset<wire::ReportedTasks>> states;
  for (const std::string& one : task_states) states.push_back(reported_tasks(b, one));
  const auto states_column = b.CreateVector(states);
  group.add(wire::CreateUpdateAllocations(b, node.value, numbers_column, status_column, health_column,
                                          descriptions_column, states_column));
  GroupHeader header = header_of(request);
  header.actor = "node " + node_id;
  std::string bytes = group.finish(header);
  submit_report(context, std::move(request), std::move(responder), std::move(bytes), report_reply);
}

void update_services(Context& context, Request request, net::Responder responder, const std::string& node_id) {
  const NodeNumber node = context.server.queries().node_number(node_id);
  if (!node) return send_error(responder, 404, "node not found");
  const auto body = Body::parse(request.body);
  if (!body) return send_error(responder, 400, body.error());
  const json::value* list = body->member("Services");
  if (list == nullptr || !list->is_array()) return send_error(responder, 400, "Services: expected a list of services");
  const auto services = services_from_json(*list);
  if (!services) return send_error(responder, 400, "Services: " + services.error());
  GroupBuilder group;
  const auto tables = write_services(group.flat(), *services);
  group.add(wire::CreateUpdateServices(group.flat(), node.value, tables));
  GroupHeader header = header_of(request);
  header.actor = "node " + node_id;
  std::string bytes = group.finish(header);
  submit(context, std::move(request), std::move(responder), std::move(bytes), report_reply);
}

void set_eligibility(Context& context, Request request, net::Responder responder, const std::string& node_id) {
  auto body = Body::parse(request.body);
  if (!body) return send_error(responder, 400, body.error());
  const std::string word = body->text("Eligibility");
  if (!body->problem().empty()) return send_error(responder, 400, body->problem());
  if (word != "eligible" && word != "ineligible") {
    return send_error(responder, 500, "invalid scheduling eligibility " + quoted(word));
  }
  GroupBuilder group;
  const auto id = group.flat().CreateString(node_id);
  group.add(wire::CreateSetNodeEligibility(group.flat(), id, word == "eligible"));
  std::string bytes = group.finish(header_of(request));
  submit(context, std::move(request), std::move(responder), std::move(bytes), [](const Answered& answered) {
    std::string out;
    JsonWriter json(out);
    json.object()
        .member("EvalCreateIndex", 0)
        .null_member("EvalIDs")
        .member("Index", answered.index)
        .member("NodeModifyIndex", answered.index)
        .end();
    return out;
  });
}

}  // namespace

void add_node_routes(Router& router, Context& context) {
  add_read(router, context, {"/v1/nodes", Noun::nodes, "", refuse_prefix<"node">}, always(WatchKind::nodes),
           [](const Queries& q, const std::string&, const Request& r) { return q.nodes(r.param("prefix")); });
  router.add("PUT", "/v1/node/register",
             [&context](Request request, std::vector<std::string>, net::Responder responder) {
               register_node(context, std::move(request), std::move(responder));
             });
  router.add("GET", "/v1/node/:id/allocations",
             [&context](Request request, std::vector<std::string> captures, net::Responder responder) {
               node_allocations(context, std::move(request), std::move(responder), captures[0]);
             });
  add_read(router, context, {"/v1/node/:id", Noun::nodes, "node not found", refuse_id<"node">},
           node_key(WatchKind::node),
           [](const Queries& q, const std::string& id, const Request&) { return q.node(id); });
  router.add("PUT", "/v1/node/:id/heartbeat",
             [&context](Request request, std::vector<std::string> captures, net::Responder responder) {
               if (!context.server.heartbeat(captures[0])) return send_error(responder, 404, "node not found");
               send_json(responder, request, node_answer(context, 0), std::nullopt);
             });
  router.add(
      "PUT", "/v1/node/:id/update",
      [&context](Request request, std::vector<std::string> captures, net::Responder responder) {
        update_allocations(context, std::move(request), std::move(responder), captures[0]);
      },
      true);
  router.add(
      "PUT", "/v1/node/:id/services",
      [&context](Request request, std::vector<std::string> captures, net::Responder responder) {
        update_services(context, std::move(request), std::move(responder), captures[0]);
      },
      true);
  router.add("PUT", "/v1/node/:id/eligibility",
             [&context](Request request, std::vector<std::string> captures, net::Responder responder) {
               set_eligibility(context, std::move(request), std::move(responder), captures[0]);
             });
  for (const char* later : {"drain", "evaluate", "purge"}) {
    router.add("PUT", std::string("/v1/node/:id/") + later,
               [later](Request, std::vector<std::string>, net::Responder responder) {
                 send_error(responder, 501, std::string("node ") + later + " is not supported yet");
               });
  }
}

}  // namespace orch::http
