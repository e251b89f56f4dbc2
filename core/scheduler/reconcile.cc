#include "core/scheduler/reconcile.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/scheduler/tasks_updated.h"

namespace orch {
namespace {

bool updates_rolling(const Job& job, const TaskGroup& group) {
  return job.type == "service" && group.update && group.update->max_parallel.value_or(0) > 0;
}

class GroupReconciler {
 public:
  GroupReconciler(const State& state, const JobState& job, std::uint16_t ordinal)
      : state_(state), job_(job), version_(job.newest()), group_(version_.job->task_groups[ordinal]) {
    changes_.group = ordinal;
    changes_.desired.group = ordinal;
  }

  GroupChanges run(const std::vector<AllocationNumber>& allocations) {
    const DesiredUpdates& desired = changes_.desired;
    for (AllocationNumber n : allocations) sort_in(n);
    ORCH_ASSERT(staying_.size() + taken_.size() + replace_gone_.size() == allocations.size(),
                "each allocation stays, has done its work, or leaves its name to another");
    stop_surplus();
    update();
    ORCH_ASSERT(desired.ignore + desired.in_place + desired.destructive == taken_.size(),
                "who stays is left alone, moves in place or is replaced, one of these");
    fill();
    ORCH_ASSERT(desired.place + desired.destructive == changes_.place.size(),
                "what is desired counts what is to be placed, new or instead of another");
    ORCH_ASSERT(desired.in_place == changes_.in_place.size() && desired.stop == changes_.stop.size(),
                "what is desired counts what moves in place and what stops");
    ORCH_ASSERT(desired.destructive <= changes_.destructive_in_all, "an update replaces now or later");
    return std::move(changes_);
  }

 private:
  const AllocationState& at(AllocationNumber n) const { return state_.allocation(n); }

  // Each allocation is one of four: its work is done, its name is free for a successor, it is lost (and so is its name
  // free), or it stays. A failed one stays until its delay is over: it keeps its name, so that nothing takes its part
  // before the reschedule policy allows it.
  void sort_in(AllocationNumber n) {
    const AllocationState& a = at(n);
    ORCH_ASSERT(a.desired == DesiredStatus::run, "a job's current allocations are those that it wants");
    if (a.client == ClientStatus::complete) {
      if (version_.job->type == "batch" && a.job_version == version_.version) {
        taken_.push_back(a.name);
        ++changes_.desired.ignore;
      } else {
        replace_gone_.push_back({a.name, n, false});
      }
    } else if (!is_terminal(a.client) && state_.node(a.node).status == NodeStatus::down) {
      changes_.stop.push_back({n, StopReason::lost, true});
      ++changes_.desired.stop;
      replace_gone_.push_back({a.name, n, false});
    } else if (a.client == ClientStatus::failed && a.reschedule_due) {
      replace_gone_.push_back({a.name, n, false});
    } else {
      staying_.push_back(n);
    }
  }

  // The highest names go first, as in Nomad: whoever counts down from 5 to 3 keeps 0, 1 and 2.
  void stop_surplus() {
    const auto wanted = static_cast<std::size_t>(group_.count);
    std::sort(staying_.begin(), staying_.end(), [&](AllocationNumber a, AllocationNumber b) {
      return at(a).name != at(b).name ? at(a).name < at(b).name : a < b;
    });
    while (staying_.size() + taken_.size() > wanted && !staying_.empty()) {
      if (!is_terminal(at(staying_.back()).client)) {
        changes_.stop.push_back({staying_.back(), StopReason::not_needed, false});
        ++changes_.desired.stop;
      }
      staying_.pop_back();
    }
  }

  // How many allocations may be replaced now: all, or what max_parallel leaves beside those not yet healthy.
  std::uint32_t limit() const {
    if (!updates_rolling(*version_.job, group_)) return 0xffffffff;
    auto left = static_cast<std::uint32_t>(*group_.update->max_parallel);
    if (!job_.deployment || state_.deployment(job_.deployment).job_version != version_.version) return left;
    const DeploymentState& deployment = state_.deployment(job_.deployment);
    if (deployment.status == DeploymentStatus::paused || deployment.status == DeploymentStatus::failed) return 0;
    for (AllocationNumber n : staying_) {
      const AllocationState& a = at(n);
      if (a.deployment != job_.deployment || a.health == Health::healthy) continue;
      if (a.health == Health::unhealthy) return 0;
      if (left > 0) --left;
    }
    return left;
  }

  std::uint32_t missing() const {
    const auto wanted = static_cast<std::size_t>(group_.count), have = staying_.size() + taken_.size();
    return static_cast<std::uint32_t>(wanted - std::min(wanted, have));
  }

  void update() {
    // What is placed anew has to become healthy too, so it counts first.
    std::uint32_t left = limit();
    left -= std::min(left, missing());
    for (AllocationNumber n : staying_) {
      const AllocationState& a = at(n);
      taken_.push_back(a.name);
      if (a.job_version == version_.version) {
        ++changes_.desired.ignore;
        continue;
      }
      if (!is_terminal(a.client) && !replaces(a.job_version, a.group)) {
        changes_.in_place.push_back(n);
        ++changes_.desired.in_place;
        continue;
      }
      ++changes_.destructive_in_all;
      if (left == 0) {
        // It goes on in its old version; the next change of health evaluates the job again.
        ++changes_.desired.ignore;
        continue;
      }
      --left;
      changes_.place.push_back({a.name, n, true});
      ++changes_.desired.destructive;
    }
    changes_.may_replace = left;
  }

  // Asked for every allocation, answered once per version.
  bool replaces(std::uint32_t version, std::uint16_t group) {
    for (const Replaces& known : replaces_) {
      if (known.version == version && known.group == group) return known.answer;
    }
    const Job& old = *job_.version(version)->job;
    const bool answer = needs_replacement(old, old.task_groups[group], *version_.job, group_);
    replaces_.push_back({version, group, answer});
    return answer;
  }

  bool deployment_failed() const {
    return job_.deployment && state_.deployment(job_.deployment).job_version == version_.version &&
           (state_.deployment(job_.deployment).status == DeploymentStatus::failed ||
            state_.deployment(job_.deployment).status == DeploymentStatus::paused);
  }

  // Names that are free get an allocation: first successors of what is gone, lowest name first, then new ones. A
  // deployment that failed or is paused still replaces what is gone, but grows no further.
  void fill() {
    const auto wanted = static_cast<std::uint32_t>(group_.count);
    std::vector<bool> used(wanted, false);
    std::uint32_t have = 0;
    for (std::uint32_t name : taken_) {
      ++have;
      if (name < wanted) used[name] = true;
    }
    std::sort(replace_gone_.begin(), replace_gone_.end(),
              [](const WantedPlacement& a, const WantedPlacement& b) { return a.name < b.name; });
    for (const WantedPlacement& gone : replace_gone_) {
      if (have >= wanted || gone.name >= wanted || used[gone.name]) continue;
      used[gone.name] = true;
      ++have;
      changes_.place.push_back(gone);
      ++changes_.desired.place;
    }
    if (deployment_failed()) return;
    for (std::uint32_t name = 0; name < wanted && have < wanted; ++name) {
      if (used[name]) continue;
      ++have;
      changes_.place.push_back({name, {}, false});
      ++changes_.desired.place;
    }
  }

  const State& state_;
  const JobState& job_;
  const JobVersion& version_;
  const TaskGroup& group_;
  GroupChanges changes_;
  std::vector<AllocationNumber> staying_;
  std::vector<std::uint32_t> taken_;
  std::vector<WantedPlacement> replace_gone_;
  struct Replaces {
    std::uint32_t version;
    std::uint16_t group;
    bool answer;
  };
  std::vector<Replaces> replaces_;
};

}  // namespace

Changes reconcile(const State& state, const JobState& job) {
  Changes changes;
  const auto& groups = job.job().task_groups;
  std::vector<std::vector<AllocationNumber>> by_group(groups.size());
  for (AllocationNumber a : job.current) {
    const AllocationState& allocation = state.allocation(a);
    // Which group of the newest version it belongs to; groups.size(): none. Groups are the same when their names are.
    std::size_t ordinal = groups.size();
    if (!job.stopped) {
      if (allocation.job_version == job.newest().version) {
        ordinal = allocation.group;
        ORCH_ASSERT(ordinal < groups.size(), "an allocation's group is one of its version's");
      } else {
        const std::string& name = state.group_of(allocation).name;
        for (ordinal = 0; ordinal < groups.size() && groups[ordinal].name != name; ++ordinal) {
        }
      }
    }
    if (ordinal < groups.size()) {
      by_group[ordinal].push_back(a);
    } else if (!is_terminal(allocation.client)) {
      const bool lost = state.node(allocation.node).status == NodeStatus::down;
      changes.stop.push_back({a, lost ? StopReason::lost : StopReason::not_needed, lost});
    }
  }
  // One deployment per version: what is placed later (a node was lost, the count of one group changed back) joins it.
  const bool deployed = job.deployment && state.deployment(job.deployment).job_version == job.newest().version;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (job.stopped) {
      changes.groups.push_back(
          {.group = static_cast<std::uint16_t>(i), .desired = {.group = static_cast<std::uint16_t>(i)}});
      continue;
    }
    changes.groups.push_back(GroupReconciler(state, job, static_cast<std::uint16_t>(i)).run(by_group[i]));
    const GroupChanges& made = changes.groups.back();
    if (!deployed && updates_rolling(job.job(), groups[i]) && (!made.place.empty() || !made.in_place.empty())) {
      changes.create_deployment = true;
    }
  }
  ORCH_ASSERT(changes.groups.size() == groups.size(), "each group of the newest version has its changes");
  return changes;
}

}  // namespace orch
