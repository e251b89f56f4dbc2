// What queries answer beside what the state is, beside what views answer that never crashed, and beside what they
// answered before.
#include <boost/json.hpp>

#include "core/base/hash.h"
#include "projections/ids.h"
#include "tests/sim/properties.h"

namespace orch::sim {
namespace {

namespace json = boost::json;
using Context = Queries::Context;

std::string number(std::uint32_t n) { return std::to_string(n); }

// Answers are kept as digests; one in so many is.
constexpr std::uint64_t remembered_one_in = 4;

// Compares the members of a JSON object with what is expected of them; remembers the first that differs.
class Expect {
 public:
  explicit Expect(const std::string& text) : value_(json::parse(text, &memory_)) {}

  Expect& text(std::string_view name, std::string_view wanted) {
    const json::value* found = at(name);
    const bool same = found != nullptr && found->is_string() && found->as_string() == wanted;
    if (!same) differs(name, std::string(wanted), found);
    return *this;
  }
  Expect& integer(std::string_view name, std::uint64_t wanted) {
    const json::value* found = at(name);
    const bool same = found != nullptr && found->is_number() && found->to_number<std::uint64_t>() == wanted;
    if (!same) differs(name, std::to_string(wanted), found);
    return *this;
  }
  Expect& flag(std::string_view name, bool wanted) {
    const json::value* found = at(name);
    if (found == nullptr || !found->is_bool() || found->as_bool() != wanted)
      differs(name, wanted ? "true" : "false", found);
    return *this;
  }
  /// Empty when all was as expected.
  const std::string& difference() const { return difference_; }

 private:
  /// `name` is a path: "TaskGroups/g0/HealthyAllocs".
  const json::value* at(std::string_view name) const {
    const json::value* found = &value_;
    while (found != nullptr && !name.empty()) {
      const std::size_t slash = name.find('/');
      if (!found->is_object()) return nullptr;
      found = found->as_object().if_contains(name.substr(0, slash));
      name.remove_prefix(slash == std::string_view::npos ? name.size() : slash + 1);
    }
    return found;
  }
  void differs(std::string_view name, std::string wanted, const json::value* found) {
    if (!difference_.empty()) return;
    difference_ = std::string(name) + " is " + wanted + ", the views say " +
                  (found == nullptr ? "nothing" : json::serialize(*found));
  }

  unsigned char room_[32 * 1024];
  json::monotonic_resource memory_{room_, sizeof room_};
  json::value value_;
  std::string difference_;
};

}  // namespace

void Properties::view_of_allocation(const Queries& queries, std::uint32_t n) {
  const AllocationState& a = state().allocations()[n];
  const std::string& cluster = state().cluster_id();
  Expect expect(queries.object(Context::allocations, n));
  expect.text("ID", allocation_id(cluster, {n}))
      .text("ClientStatus", orch::text(a.client))
      .text("DesiredStatus", orch::text(a.desired))
      .text("NodeID", state().node(a.node).node->id)
      .text("JobID", state().job(a.job).id)
      .text("EvalID", evaluation_id(cluster, a.evaluation))
      .text("DeploymentID", deployment_id(cluster, a.deployment))
      .text("PreviousAllocation", allocation_id(cluster, a.previous))
      .integer("ModifyIndex", a.modify_index);
  if (!expect.difference().empty())
    broken("views_say_what_the_state_is", named(state(), n) + ": " + expect.difference());
}

void Properties::view_of_evaluation(const Queries& queries, std::uint32_t n) {
  const EvaluationState& e = state().evaluations()[n];
  const std::string& cluster = state().cluster_id();
  Expect expect(queries.object(Context::evaluations, n));
  expect.text("Status", orch::text(e.status))
      .text("TriggeredBy", orch::text(e.trigger))
      .text("JobID", state().job(e.job).id)
      .text("BlockedEval", evaluation_id(cluster, e.blocked))
      .text("PreviousEval", evaluation_id(cluster, e.previous))
      .integer("ModifyIndex", e.modify_index);
  for (const NamedCount& queued : e.queued) expect.integer("QueuedAllocations/" + queued.name, queued.count);
  if (!expect.difference().empty())
    broken("views_say_what_the_state_is", "evaluation " + number(n) + ": " + expect.difference());
}

void Properties::view_of_deployment(const Queries& queries, std::uint32_t n) {
  const DeploymentState& d = state().deployments()[n];
  Expect expect(queries.object(Context::deployments, n));
  expect.text("Status", orch::text(d.status))
      .text("StatusDescription", d.description)
      .integer("JobVersion", d.job_version);
  for (const DeploymentGroup& g : d.groups) {
    expect.integer("TaskGroups/" + g.name + "/DesiredTotal", g.desired)
        .integer("TaskGroups/" + g.name + "/PlacedAllocs", g.placed)
        .integer("TaskGroups/" + g.name + "/HealthyAllocs", g.healthy)
        .integer("TaskGroups/" + g.name + "/UnhealthyAllocs", g.unhealthy);
  }
  if (!expect.difference().empty())
    broken("views_say_what_the_state_is", "deployment " + number(n) + ": " + expect.difference());
}

void Properties::view_of_job(const Queries& queries, std::uint32_t n) {
  const JobState& job = state().jobs()[n];
  if (state().find_job(job.id).value != n) {
    if (!state().find_job(job.id) && queries.job(job.id)) broken("views_say_what_the_state_is", job.id + " is purged");
    return;
  }
  const auto answer = queries.job(job.id);
  const auto summary = queries.job_summary(job.id);
  if (!answer || !summary) return broken("views_say_what_the_state_is", job.id + " is there");
  Expect expect(answer->json);
  expect.text("Status", orch::text(job.status))
      .flag("Stop", job.stopped)
      .flag("Stable", job.newest().stable)
      .integer("Version", job.newest().version)
      .integer("ModifyIndex", job.modify_index)
      .integer("JobModifyIndex", job.newest().job_modify_index);
  if (!expect.difference().empty()) broken("views_say_what_the_state_is", job.id + ": " + expect.difference());
  Expect counts(summary->json);
  for (const GroupSummary& g : job.summary) {
    counts.integer("Summary/" + g.name + "/Queued", g.queued)
        .integer("Summary/" + g.name + "/Starting", g.starting)
        .integer("Summary/" + g.name + "/Running", g.running)
        .integer("Summary/" + g.name + "/Failed", g.failed)
        .integer("Summary/" + g.name + "/Complete", g.complete)
        .integer("Summary/" + g.name + "/Lost", g.lost);
  }
  if (!counts.difference().empty()) broken("views_say_what_the_state_is", job.id + ": " + counts.difference());
}

void Properties::view_of_node(const Queries& queries, std::uint32_t n) {
  const NodeState& node = state().nodes()[n];
  Expect expect(queries.object(Context::nodes, n));
  expect.text("ID", node.node->id)
      .text("Status", orch::text(node.status))
      .text("SchedulingEligibility", node.eligible ? "eligible" : "ineligible")
      .integer("ModifyIndex", node.modify_index);
  if (!expect.difference().empty())
    broken("views_say_what_the_state_is", "node " + number(n) + ": " + expect.difference());
}

void Properties::views(const Touched& touched) {
  const Queries queries = world_.servers().queries();
  if (queries.applied() != state().index()) {
    return broken("views_are_at_the_states_index",
                  std::to_string(queries.applied()) + " and " + std::to_string(state().index()));
  }
  for (std::uint32_t n : touched.allocations) view_of_allocation(queries, n);
  for (std::uint32_t n : touched.evaluations) view_of_evaluation(queries, n);
  for (std::uint32_t n : touched.deployments) view_of_deployment(queries, n);
  for (std::uint32_t n : touched.jobs) view_of_job(queries, n);
  for (std::uint32_t n : touched.nodes) view_of_node(queries, n);
  remember(queries, touched);
}

void Properties::remember(const Queries& queries, const Touched& touched) {
  auto keep = [&](Context context, const std::set<std::uint32_t>& numbers) {
    for (std::uint32_t n : numbers) {
      const LogIndex at = state().index();
      if (mix(at, n) % remembered_one_in != 0) continue;
      memories_.push_back({context, n, at, digest_text(queries.object(context, n))});
    }
  };
  keep(Context::allocations, touched.allocations);
  keep(Context::evaluations, touched.evaluations);
  keep(Context::deployments, touched.deployments);
  keep(Context::nodes, touched.nodes);
}

// "As it was at an index" is what was answered at that index.
void Properties::history() {
  for (const Memory& m : memories_) {
    Queries queries = world_.servers().queries();
    queries.as_of(m.index);
    if (digest_text(queries.object(m.context, m.number)) != m.digest) {
      broken("the_past_is_what_was_answered_then", "object " + number(m.number) + " of kind " +
                                                       number(static_cast<std::uint32_t>(m.context)) + " at index " +
                                                       std::to_string(m.index));
    }
  }
}

// The views of a server that crashed, with rows kept or lost, beside those of one that didn't.
void Properties::lists() {
  const Queries kept = world_.servers().queries();
  const Queries fresh = follower_.queries();
  auto compare = [&](const char* what, const Answer& a, const Answer& b) {
    if (a.json != b.json || a.index != b.index) broken("rebuilt_views_answer_alike", what);
  };
  compare("jobs", kept.jobs(""), fresh.jobs(""));
  compare("allocations", kept.allocations(""), fresh.allocations(""));
  compare("evaluations", kept.evaluations(""), fresh.evaluations(""));
  compare("deployments", kept.deployments(""), fresh.deployments(""));
  compare("nodes", kept.nodes(""), fresh.nodes(""));
}

// The whole log again, into a state and views that have seen nothing of the run.
void Properties::replay() {
  Follower again(state().cluster_id());
  again.follow(world_.servers().log(), {});
  if (again.state().hash() != state().hash()) broken("replay_gives_the_same_hash", "of the whole log");
  const Queries kept = world_.servers().queries();
  const Queries fresh = again.queries();
  for (std::uint32_t n = 0; n < state().allocations().size(); ++n) {
    if (kept.object(Context::allocations, n) != fresh.object(Context::allocations, n)) {
      broken("rebuilt_views_answer_alike", named(state(), n));
    }
  }
}

}  // namespace orch::sim
