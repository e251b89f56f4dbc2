#include "projections/history_words.h"

#include "core/log/record.h"

namespace orch {
namespace {

std::string short_id(const std::string& id) { return id.substr(0, 8); }

// Whether a command speaks of an object by its id, which is all that a refused one leaves.
bool names(const Queries& queries, wire::Command type, const void* command, const std::string& id) {
  auto begins = [&](const flatbuffers::String* s) { return s != nullptr && s->string_view().starts_with(id); };
  switch (type) {
    case wire::Command::RegisterJob: {
      const auto* job = static_cast<const wire::RegisterJob*>(command)->job();
      return job != nullptr && job->id() != nullptr && job->id()->string_view() == id;
    }
    case wire::Command::DeregisterJob:
      return begins(static_cast<const wire::DeregisterJob*>(command)->job_id());
    case wire::Command::EvaluateJob:
      return begins(static_cast<const wire::EvaluateJob*>(command)->job_id());
    case wire::Command::RegisterNode:
      return begins(static_cast<const wire::RegisterNode*>(command)->id());
    case wire::Command::SetNodeStatus:
      return begins(static_cast<const wire::SetNodeStatus*>(command)->id());
    case wire::Command::SetNodeEligibility:
      return begins(static_cast<const wire::SetNodeEligibility*>(command)->id());
    case wire::Command::SetDeploymentStatus:
      return queries
          .id_of(Queries::Context::deployments, static_cast<const wire::SetDeploymentStatus*>(command)->deployment())
          .starts_with(id);
    case wire::Command::SubmitPlan: {
      const auto* plan = static_cast<const wire::SubmitPlan*>(command);
      return queries.id_of(Queries::Context::jobs, plan->job()) == id ||
             queries.id_of(Queries::Context::evaluations, plan->evaluation()).starts_with(id);
    }
    default:
      return false;
  }
}

}  // namespace

std::string words_of(const Queries& queries, wire::Command type, const void* command) {
  auto text_of = [](const flatbuffers::String* s) { return s != nullptr ? s->str() : std::string(); };
  switch (type) {
    case wire::Command::RegisterJob: {
      const auto* c = static_cast<const wire::RegisterJob*>(command);
      if (c->job() == nullptr) return "register a job without a document";
      return "register job " + text_of(c->job()->id());
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
    case wire::Command::UpdateServices:
      return "services of a node";
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
    case wire::Command::Tick:
      return "time passes";
    case wire::Command::RaiseRules:
      return "raise the rules";
    default:
      return "unknown command";
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

bool any_names(const Queries& queries, const wire::Group& group, const std::string& id) {
  for (std::uint32_t i = 0; i < command_count(group); ++i) {
    const auto [type, command] = command_in(group, i);
    if (names(queries, type, command, id)) return true;
  }
  return false;
}

std::string verdict(const Queries::Refused* refused, bool had_effect) {
  if (refused == nullptr) return had_effect ? "" : " (nothing new)";
  if (refused->first_index != 0) return " (a repeat of index " + std::to_string(refused->first_index) + ")";
  if (!refused->reason.empty()) return ": refused: " + refused->reason;
  return ", " + std::to_string(refused->refused_placements) + " refused";
}

}  // namespace orch
