// /v1/orch/…: what Nomad has no counterpart of. The history of the cluster as lines, and the state's hash.
#include <algorithm>
#include <map>
#include <set>

#include "drivers/http/api.h"
#include "drivers/http/reply.h"
#include "core/base/time_text.h"
#include "core/model/document_codec.h"
#include "core/model/json_text.h"
#include "projections/ids.h"

namespace orch::http {
namespace {

std::string short_id(const std::string& id) { return id.substr(0, 8); }

// What one command says, in a few words.
std::string describe(const Queries& queries, wire::Command type, const void* command) {
  auto text_of = [](const flatbuffers::String* s) { return s != nullptr ? s->str() : std::string(); };
  switch (type) {
    case wire::Command::RegisterJob: {
      const auto* c = static_cast<const wire::RegisterJob*>(command);
      if (c->job() == nullptr) return "register a job without a document";
      auto job = decode_job(std::as_bytes(std::span(c->job()->data(), c->job()->size())));
      return "register job " + (job ? job->id : "that cannot be read");
    }
    case wire::Command::DeregisterJob: {
      const auto* c = static_cast<const wire::DeregisterJob*>(command);
      return std::string(c->purge() ? "purge" : "stop") + " job " + text_of(c->job_id());
    }
    case wire::Command::EvaluateJob:
      return "evaluate job " + text_of(static_cast<const wire::EvaluateJob*>(command)->job_id());
    case wire::Command::SetDeploymentStatus: {
      const auto* c = static_cast<const wire::SetDeploymentStatus*>(command);
      static constexpr const char* actions[] = {"fail", "pause", "resume"};
      return std::string(c->action() < 3 ? actions[c->action()] : "change") + " deployment " +
             short_id(queries.id_of(Queries::Context::deployments, c->deployment()));
    }
    case wire::Command::SetAllocationHealth: {
      const auto* c = static_cast<const wire::SetAllocationHealth*>(command);
      std::string out =
          "health in deployment " + short_id(queries.id_of(Queries::Context::deployments, c->deployment()));
      for (const auto& [list, word] : {std::pair{c->healthy(), " healthy"}, std::pair{c->unhealthy(), " unhealthy"}}) {
        for (std::uint32_t i = 0; list != nullptr && i < list->size(); ++i) {
          out += " " + short_id(queries.id_of(Queries::Context::allocations, list->Get(i))) + word;
        }
      }
      return out;
    }
    case wire::Command::RegisterNode:
      return "register node " + short_id(text_of(static_cast<const wire::RegisterNode*>(command)->id()));
    case wire::Command::SetNodeStatus: {
      const auto* c = static_cast<const wire::SetNodeStatus*>(command);
      return "node " + short_id(text_of(c->id())) + " is " + std::string(text(static_cast<NodeStatus>(c->status())));
    }
    case wire::Command::SetNodeEligibility: {
      const auto* c = static_cast<const wire::SetNodeEligibility*>(command);
      return "node " + short_id(text_of(c->id())) + " is made " + (c->eligible() ? "eligible" : "ineligible");
    }
    case wire::Command::UpdateAllocations: {
      const auto* c = static_cast<const wire::UpdateAllocations*>(command);
      std::string out = "report";
      for (std::uint32_t i = 0; c->allocations() != nullptr && i < c->allocations()->size(); ++i) {
        if (i == 3) return out + " and " + std::to_string(c->allocations()->size() - 3) + " more";
        out += std::string(i == 0 ? " " : ", ") +
               short_id(queries.id_of(Queries::Context::allocations, c->allocations()->Get(i)));
        if (c->client_status() != nullptr && i < c->client_status()->size()) {
          out += " " + std::string(text(static_cast<ClientStatus>(c->client_status()->Get(i))));
        }
        if (c->health() != nullptr && i < c->health()->size() && c->health()->Get(i) != 0) {
          out += c->health()->Get(i) == 1 ? " healthy" : " unhealthy";
        }
      }
      return out;
    }
    case wire::Command::UpdateServices: return "services of a node";
    case wire::Command::SubmitPlan: {
      const auto* c = static_cast<const wire::SubmitPlan*>(command);
      std::size_t placed = 0, stopped = 0, failed = 0;
      for (std::uint32_t i = 0; c->placements() != nullptr && i < c->placements()->size(); ++i) {
        placed += c->placements()->Get(i)->nodes()->size();
      }
      for (std::uint32_t i = 0; c->stops() != nullptr && i < c->stops()->size(); ++i) {
        stopped += c->stops()->Get(i)->allocations()->size();
      }
      for (std::uint32_t i = 0; c->metrics() != nullptr && i < c->metrics()->size(); ++i)
        failed += c->metrics()->Get(i)->failed();
      std::string out = "plan for job " + queries.id_of(Queries::Context::jobs, c->job()) + ":";
      auto count = [&](std::size_t n, const char* what) {
        if (n != 0) out += (out.back() == ':' ? " " : ", ") + std::to_string(n) + " " + what;
      };
      count(placed, "placed");
      count(c->in_place() != nullptr ? c->in_place()->size() : 0, "updated in place");
      count(stopped, "stopped");
      count(failed, "not placed");
      return out.back() == ':' ? out + " nothing to do" : out;
    }
    case wire::Command::Tick: return "time passes";
    case wire::Command::RaiseRules: return "raise the rules";
    default: return "unknown command";
  }
}

std::string cause_of(const Queries& queries, wire::Command type, const void* command, const wire::Group& group) {
  if (type == wire::Command::SubmitPlan) {
    return "evaluation " + short_id(queries.id_of(Queries::Context::evaluations,
                                                  static_cast<const wire::SubmitPlan*>(command)->evaluation()));
  }
  if (type == wire::Command::Tick) return "a deadline";
  if (type == wire::Command::SetNodeStatus) return "heartbeats";
  return group.request_id() != nullptr ? group.request_id()->str() : std::string();
}

// Whether a command speaks of an object by its id, which is all that a refused one leaves.
bool names(const Queries& queries, wire::Command type, const void* command, const std::string& id) {
  auto begins = [&](const flatbuffers::String* s) { return s != nullptr && s->string_view().starts_with(id); };
  switch (type) {
    case wire::Command::RegisterJob: {
      const auto* document = static_cast<const wire::RegisterJob*>(command)->job();
      if (document == nullptr) return false;
      const auto job = decode_job(std::as_bytes(std::span(document->data(), document->size())));
      return job && job->id == id;
    }
    case wire::Command::DeregisterJob: return begins(static_cast<const wire::DeregisterJob*>(command)->job_id());
    case wire::Command::EvaluateJob: return begins(static_cast<const wire::EvaluateJob*>(command)->job_id());
    case wire::Command::RegisterNode: return begins(static_cast<const wire::RegisterNode*>(command)->id());
    case wire::Command::SetNodeStatus: return begins(static_cast<const wire::SetNodeStatus*>(command)->id());
    case wire::Command::SetNodeEligibility: return begins(static_cast<const wire::SetNodeEligibility*>(command)->id());
    case wire::Command::SetDeploymentStatus:
      return queries
          .id_of(Queries::Context::deployments, static_cast<const wire::SetDeploymentStatus*>(command)->deployment())
          .starts_with(id);
    case wire::Command::SubmitPlan: {
      const auto* plan = static_cast<const wire::SubmitPlan*>(command);
      return queries.id_of(Queries::Context::jobs, plan->job()) == id ||
             queries.id_of(Queries::Context::evaluations, plan->evaluation()).starts_with(id);
    }
    default: return false;
  }
}

bool any_names(const Queries& queries, const wire::Group& group, const std::string& id) {
  const std::uint32_t commands = group.commands() != nullptr ? group.commands()->size() : 0;
  for (std::uint32_t i = 0; i < commands; ++i) {
    if (names(queries, static_cast<wire::Command>(group.commands_type()->Get(i)), group.commands()->Get(i), id))
      return true;
  }
  return false;
}

// What came of it, where that is not what the command says.
std::string verdict(const Queries::Refused* refused, bool had_effect) {
  if (refused == nullptr) return had_effect ? "" : " (nothing new)";
  if (refused->first_index != 0) return " (a repeat of index " + std::to_string(refused->first_index) + ")";
  if (!refused->reason.empty()) return ": refused: " + refused->reason;
  return ", " + std::to_string(refused->refused_placements) + " refused";
}

void append_line(std::string& out, const Queries& queries, LogIndex index, const wire::Group& group, bool had_effect) {
  const std::uint32_t commands = group.commands() != nullptr ? group.commands()->size() : 0;
  const auto refusals = queries.refusals(index);
  for (std::uint32_t i = 0; i < commands; ++i) {
    const auto type = static_cast<wire::Command>(group.commands_type()->Get(i));
    const void* command = group.commands()->Get(i);
    std::string what = describe(queries, type, command);
    const bool needs_effect = type != wire::Command::Tick && type != wire::Command::RaiseRules;
    const auto refused = refusals.find(i);
    what += verdict(refused != refusals.end() ? &refused->second : nullptr, had_effect || !needs_effect);
    out += "{\"Index\":" + std::to_string(index) + ",\"Ordinal\":" + std::to_string(i) +
           ",\"Time\":" + quoted(rfc3339({group.stamp()->wall_ns()})) +
           ",\"Elapsed\":" + std::to_string(group.stamp()->elapsed_ns()) +
           ",\"Who\":" + quoted(group.actor() != nullptr ? group.actor()->string_view() : std::string_view()) +
           ",\"Address\":" + quoted(group.address() != nullptr ? group.address()->string_view() : std::string_view()) +
           ",\"What\":" + quoted(what) + ",\"Cause\":" + quoted(cause_of(queries, type, command, group)) + "}\n";
  }
}

Queries::Context context_of(EventKind kind) {
  switch (kind) {
    case EventKind::job_registered:
    case EventKind::job_deregistered:
    case EventKind::job_changed: return Queries::Context::jobs;
    case EventKind::node_registered:
    case EventKind::node_changed:
    case EventKind::services_changed: return Queries::Context::nodes;
    case EventKind::evaluation_changed: return Queries::Context::evaluations;
    case EventKind::deployment_changed: return Queries::Context::deployments;
    default: return Queries::Context::allocations;
  }
}

/// Which groups did something, and which of them to the object that is asked for; for a job, also to its evaluations,
/// deployments and allocations.
struct Effects {
  std::set<LogIndex> any, touched;
};

Effects effects(const Queries& queries, const std::string& id) {
  Effects found;
  const std::string job_member = "\"JobID\":" + quoted(id);
  std::map<std::pair<Queries::Context, std::uint32_t>, bool> known;  // an object is looked at once
  auto is_meant = [&](Queries::Context context, std::uint32_t n) {
    const auto [at, fresh] = known.try_emplace({context, n}, false);
    if (!fresh) return at->second;
    at->second = queries.id_of(context, n).starts_with(id);
    const bool has_job = context != Queries::Context::jobs && context != Queries::Context::nodes;
    if (!at->second && has_job) at->second = queries.object(context, n).find(job_member) != std::string::npos;
    return at->second;
  };
  queries.events(1, [&](LogIndex index, const std::vector<Queries::Happened>& happened) {
    found.any.insert(found.any.end(), index);
    bool touched = false;
    for (std::size_t k = 0; k < happened.size() && !id.empty() && !touched; ++k) {
      const Queries::Happened& h = happened[k];
      for (std::uint32_t i = 0; i < h.count && !touched; ++i) touched = is_meant(context_of(h.kind), h.number + i);
    }
    if (touched) found.touched.insert(found.touched.end(), index);
    return true;
  });
  return found;
}

// Whether a record before `end` is of the object. What a refused command names is in the log only.
bool touched_before(Context& context, const Queries& queries, const Effects& found, const std::string& id,
                    LogIndex end) {
  bool touched = !found.touched.empty() && *found.touched.begin() < end;
  if (touched) return true;
  static_cast<void>(context.server.log().read(1, [&](LogIndex index, Bytes bytes) {
    if (index < end && !found.any.contains(index)) touched = any_names(queries, group_in(bytes), id);
    return index < end && !touched;
  }));
  return touched;
}

void history(Context& context, const Request& request, net::Responder& responder) {
  const Queries queries = context.server.queries();
  const std::string id = request.param("id");
  const Effects found = effects(queries, id);
  const LogIndex applied = queries.applied();
  constexpr std::size_t most = 64u << 20;
  std::string out;
  const auto read = context.server.log().read(std::max<LogIndex>(request.index, 1), [&](LogIndex index, Bytes bytes) {
    if (index > applied || out.size() > most) return false;
    const wire::Group& group = group_in(bytes);
    const bool had_effect = found.any.contains(index);
    const bool wanted = id.empty() || (had_effect ? found.touched.contains(index) : any_names(queries, group, id));
    if (wanted) append_line(out, queries, index, group, had_effect);
    return true;
  });
  if (!read) return send_error(responder, 500, read.error().message);
  // Who goes on from where a reading ended gets nothing, as long as nothing more has happened.
  if (out.empty() && !id.empty() && !touched_before(context, queries, found, id, std::min(request.index, applied + 1)))
    return send_error(responder, 404, "no record of the log touches \"" + id + "\"");
  responder.send(200, "application/x-ndjson", std::move(out), {{"X-Nomad-Index", std::to_string(applied)}});
}

}  // namespace

void add_history_routes(Router& router, Context& context) {
  router.add("GET", "/v1/orch/history",
             [&context](Request request, std::vector<std::string>, net::Responder responder) {
               history(context, request, responder);
             });
  router.add("GET", "/v1/orch/state", [&context](Request request, std::vector<std::string>, net::Responder responder) {
    auto shared = std::make_shared<net::Responder>(std::move(responder));
    context.server.inspect([&context, request, shared](const State& state) {
      char hash[17];
      std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(state.hash()));
      send_json(*shared, request,
                "{\"Hash\":\"" + std::string(hash) + "\",\"Index\":" + std::to_string(state.index()) +
                    ",\"LogID\":\"" + context.server.log().id() + "\",\"Rules\":" + std::to_string(state.rules()) + "}",
                state.index());
    });
  });
}

}  // namespace orch::http
