#include "projections/views.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <unordered_map>

#include "core/model/json_text.h"
#include "projections/catalogue.h"
#include "projections/change_set.h"
#include "projections/job_entry.h"
#include "projections/metrics_json.h"
#include "projections/node_events.h"
#include "projections/rows.h"

namespace orch {
namespace {

// Which index a dense column of objects was written for last: a group that touches one object often writes it once.
class Written {
 public:
  bool first_time(std::uint32_t n, LogIndex index) {
    if (n >= last_.size()) last_.resize(n + n / 2 + 16);
    if (last_[n] == index) return false;
    last_[n] = index;
    return true;
  }
  void clear() { last_.clear(); }

 private:
  std::vector<LogIndex> last_;
};

}  // namespace

struct Views::Impl {
  explicit Impl(TableStore& s) : store(s) {
    const auto snapshot = store.snapshot();
    applied = folded = snapshot->applied();
    for (std::size_t i = 0; i < noun_count; ++i) {
      if (auto value = snapshot->get(Table::meta, noun_key(static_cast<Noun>(i))); value && value->size() == 8) {
        std::memcpy(&last_change[i], value->data(), 8);
      }
    }
  }

  TableStore& store;
  LogIndex applied = 0, folded = 0;
  ChangeSet changes;
  RowWriter row;  // of the moment
  std::array<LogIndex, noun_count> last_change{};
  Written jobs, evaluations, deployments, nodes;
  std::vector<JobNumber> dirty_jobs;                            // whose list entry is written at the flush
  // New versions since the last flush. A version never changes, and its JSON is the most of a registration's work, so
  // it waits until whoever asked has their answer.
  struct NewVersion {
    JobNumber job;
    JobVersion version;
    bool stop;
  };
  std::vector<NewVersion> new_versions;
  std::map<std::uint32_t, std::vector<std::uint32_t>>
      on_nodes;  // allocations that the servers changed since the last flush
  const State* state = nullptr;

  // What the next change of a node is compared with; from the tables when it is first needed.
  std::map<std::uint32_t, NodeEvents> node_events;
  std::map<std::uint32_t, std::string> node_services;
  NodeEvents& events_of(std::uint32_t node);
  std::string& services_of(std::uint32_t node);

  void put(Table table, std::string_view key, std::string_view value) { changes.put(table, key, value); }
  void touch(Noun noun, LogIndex index) { last_change[static_cast<std::size_t>(noun)] = index; }

  void fold(const State& s, LogIndex index, const wire::Group& group, const Outcome& outcome);
  void job(LogIndex index, JobNumber n);
  void job_version(JobNumber n);
  void placed(LogIndex index, WallTime wall, const wire::Group& group, const Event& event);
  void client_report(LogIndex index, WallTime wall, const wire::Group& group, const Event& event);
  void evaluation(const IdCodec& ids, LogIndex index, WallTime wall, EvaluationNumber n);
  bool flush();
};

void Views::Impl::job(LogIndex index, JobNumber n) {
  touch(Noun::jobs, index);
  if (!jobs.first_time(n.value, index)) return;
  put(Table::jobs, version_key(n.value, index), JobRow::encode(state->job(n)));
  dirty_jobs.push_back(n);
}

void Views::Impl::job_version(JobNumber n) {
  const JobState& job = state->job(n);
  // A stop is a version too and may have come in the same group as the registration: every version of now is written
  // when it is new to the row's key, which is cheap since most groups bring one.
  const JobVersion& newest = job.newest();
  new_versions.push_back({n, newest, job.stopped});
}

void Views::Impl::placed(LogIndex index, WallTime wall, const wire::Group& group, const Event& event) {
  touch(Noun::allocations, index);
  const AllocationState& lead = state->allocations()[event.number];
  std::string metrics;
  if (static_cast<wire::Command>(group.commands_type()->Get(event.command)) == wire::Command::SubmitPlan) {
    const auto* plan = static_cast<const wire::SubmitPlan*>(group.commands()->Get(event.command));
    for (std::uint32_t i = 0; plan->metrics() != nullptr && i < plan->metrics()->size(); ++i) {
      const wire::GroupMetrics& m = *plan->metrics()->Get(i);
      if (m.group() != lead.group) continue;
      GroupMetrics own{.group = m.group(),
                       .nodes_evaluated = m.nodes_evaluated(),
                       .nodes_filtered = m.nodes_filtered(),
                       .nodes_exhausted = m.nodes_exhausted()};
      auto copy = [](std::vector<NamedCount>& to, const auto* from) {
        for (std::uint32_t k = 0; from != nullptr && k < from->size(); ++k) {
          to.push_back({from->Get(k)->name()->str(), from->Get(k)->count()});
        }
      };
      copy(own.nodes_available, m.nodes_available());
      copy(own.class_filtered, m.class_filtered());
      copy(own.constraint_filtered, m.constraint_filtered());
      copy(own.class_exhausted, m.class_exhausted());
      copy(own.dimension_exhausted, m.dimension_exhausted());
      append_metrics_fields(metrics, own, 0);
    }
  }
  put(Table::chunks, key_of(event.number), encode_chunk(*state, index, wall, event.number, event.count, metrics));
  put(Table::job_chunks, key_of(lead.job.value, event.number), {});
  put(Table::evaluation_chunks, key_of(lead.evaluation.value, event.number), {});
  for (std::uint32_t i = 0; i < event.count; ++i) {
    on_nodes[state->allocations()[event.number + i].node.value].push_back(event.number + i);
  }
}

void Views::Impl::client_report(LogIndex index, WallTime wall, const wire::Group& group, const Event& event) {
  touch(Noun::allocations, index);
  const auto* report = static_cast<const wire::UpdateAllocations*>(group.commands()->Get(event.command));
  auto text_at = [&](const auto* column) -> std::string_view {
    if (column == nullptr || event.row >= column->size()) return {};
    return column->Get(event.row)->string_view();
  };
  // The status is the state's: what ended stays as it ended, whatever is reported later.
  const auto status = static_cast<std::uint8_t>(state->allocations()[event.number].client);
  const std::string key = reported_version_key(report->node(), event.number, index);
  ClientRow::encode(row.fresh(), status, wall, text_at(report->descriptions()), text_at(report->task_states()));
  put(Table::allocation_client, key, row.view());
  // A report repeats the health that was decided before; its time is that of the decision.
  if (event.health) {
    HealthRow::encode(row.fresh(), state->allocations()[event.number].health, wall);
    put(Table::allocation_health, key, row.view());
  }
}

void Views::Impl::evaluation(const IdCodec& ids, LogIndex index, WallTime wall, EvaluationNumber n) {
  touch(Noun::evaluations, index);
  if (!evaluations.first_time(n.value, index)) return;
  const EvaluationState& e = state->evaluation(n);
  if (e.create_index == index) put(Table::job_evaluations, key_of(e.job.value, n.value), {});
  put(Table::evaluations, version_key(n.value, index), evaluation_json(*state, ids, n, wall));
}

void Views::Impl::fold(const State& s, LogIndex index, const wire::Group& group, const Outcome& outcome) {
  state = &s;
  if (index <= folded) return;
  folded = index;
  const IdCodec ids(s.cluster_id());
  const WallTime wall{group.stamp()->wall_ns()};
  if (!outcome.events.empty()) {
    row.fresh();
    for (const Event& event : outcome.events) {
      const auto* types = group.commands_type();
      const std::uint8_t command =
          types != nullptr && event.command < types->size() ? static_cast<std::uint8_t>(types->Get(event.command)) : 0;
      row.number(event.kind).number(command).number(event.number).number(event.count);
    }
    put(Table::events, index_key(index), row.view());
  }
  for (std::uint32_t i = 0; i < outcome.commands.size(); ++i) {
    const CommandOutcome& command = outcome.commands[i];
    if (command.refusal.empty() && !command.repeated && command.refused_placements == 0) continue;
    RefusalRow::encode(row.fresh(), command);
    put(Table::refusals, index_key(index) + key_of(i), row.view());
  }
  for (const Event& event : outcome.events) {
    switch (event.kind) {
      case EventKind::job_registered:
      case EventKind::job_deregistered:
        job_version(JobNumber{event.number});
        job(index, JobNumber{event.number});
        break;
      case EventKind::job_changed: job(index, JobNumber{event.number}); break;
      case EventKind::node_registered:
      case EventKind::node_changed: {
        touch(Noun::nodes, index);
        if (!nodes.first_time(event.number, index)) break;
        const NodeState& node = s.nodes()[event.number];
        NodeEvents& events = events_of(event.number);
        // Services of a node that is down are not shown, so its status is a change of the catalogue.
        if (events.fold(node, index, wall)) touch(Noun::services, index);
        put(Table::nodes, version_key(event.number, index), NodeRow::encode(node, events.list()));
        put(Table::node_ids, node.node->id, key_of(event.number));
        break;
      }
      case EventKind::evaluation_changed: evaluation(ids, index, wall, EvaluationNumber{event.number}); break;
      case EventKind::deployment_changed:
        touch(Noun::deployments, index);
        if (!deployments.first_time(event.number, index)) break;
        put(Table::deployments, version_key(event.number, index),
            deployment_json(s, ids, DeploymentNumber{event.number}));
        put(Table::job_deployments, key_of(s.deployments()[event.number].job.value, event.number), {});
        break;
      case EventKind::allocations_placed: placed(index, wall, group, event); break;
      case EventKind::allocation_desired: {
        touch(Noun::allocations, index);
        const AllocationState& a = s.allocations()[event.number];
        on_nodes[a.node.value].push_back(event.number);
        DesiredRow::encode(row.fresh(), a, wall);
        put(Table::allocation_desired, version_key(event.number, index), row.view());
        const bool kept = a.desired == DesiredStatus::run && !a.next;
        if (kept) put(Table::evaluation_chunks, key_of(a.evaluation.value, event.number), "1");
        if (a.health == Health::unset && a.desired == DesiredStatus::run) {
          HealthRow::encode(row.fresh(), Health::unset, wall);
          put(Table::allocation_health, reported_version_key(a.node.value, event.number, index), row.view());
        }
        break;
      }
      case EventKind::allocation_client: client_report(index, wall, group, event); break;
      case EventKind::allocation_health: {
        touch(Noun::allocations, index);
        const AllocationState& a = s.allocations()[event.number];
        HealthRow::encode(row.fresh(), a.health, wall);
        put(Table::allocation_health, reported_version_key(a.node.value, event.number, index), row.view());
        break;
      }
      case EventKind::services_changed: {
        touch(Noun::services, index);
        const auto* command = static_cast<const wire::UpdateServices*>(group.commands()->Get(event.command));
        std::string& services = services_of(event.number);
        services =
            catalogue_row(services, command->services() != nullptr ? command->services()->string_view() : "[]", index);
        put(Table::services, version_key(event.number, index), services);
        break;
      }
    }
  }
}

NodeEvents& Views::Impl::events_of(std::uint32_t node) {
  const auto [at, fresh] = node_events.try_emplace(node);
  if (fresh) {
    const auto snapshot = store.snapshot();
    const std::string key = key_of(node);
    const auto newest = snapshot->at_or_after(Table::nodes, key);
    if (newest && newest->key.substr(0, key.size()) == key) at->second = NodeEvents(newest->value);
  }
  return at->second;
}

std::string& Views::Impl::services_of(std::uint32_t node) {
  const auto [at, fresh] = node_services.try_emplace(node);
  if (fresh) {
    const auto snapshot = store.snapshot();
    const std::string key = key_of(node);
    const auto newest = snapshot->at_or_after(Table::services, key);
    if (newest && newest->key.substr(0, key.size()) == key) at->second = newest->value;
  }
  return at->second;
}

bool Views::Impl::flush() {
  if (folded == applied) return true;
  for (const NewVersion& v : new_versions) {
    put(Table::job_versions, key_of(v.job.value, v.version.version), JobVersionRow::encode(v.version, v.stop));
  }
  std::sort(dirty_jobs.begin(), dirty_jobs.end());
  dirty_jobs.erase(std::unique(dirty_jobs.begin(), dirty_jobs.end()), dirty_jobs.end());
  for (JobNumber n : dirty_jobs) {
    const JobState& job = state->job(n);
    if (job.purged) {
      // Another job may have taken the id since.
      if (!state->find_job(job.id)) changes.erase(Table::job_ids, job.id);
    } else {
      put(Table::job_ids, job.id, JobEntry::encode(n, job));
    }
  }
  for (auto& [node, numbers] : on_nodes) {
    put(Table::node_changes, version_key(node, folded), NodeChangesRow::encode(*state, numbers));
  }
  for (std::size_t i = 0; i < noun_count; ++i) {
    if (last_change[i] > applied)
      put(Table::meta, noun_key(static_cast<Noun>(i)), row.fresh().number(last_change[i]).view());
  }
  new_versions.clear();
  dirty_jobs.clear();
  on_nodes.clear();
  if (!store.commit(folded, changes.sorted())) return false;  // the rows are kept for the next flush
  applied = folded;
  changes.clear();
  return true;
}

Views::Views(TableStore& store) : impl_(std::make_unique<Impl>(store)) {}
Views::~Views() = default;

LogIndex Views::applied() const { return impl_->applied; }

void Views::fold(const State& state, LogIndex index, const wire::Group& group, const Outcome& outcome) {
  impl_->fold(state, index, group, outcome);
}

bool Views::flush() { return impl_->flush(); }

void Views::discard() {
  TableStore& store = impl_->store;
  impl_ = std::make_unique<Impl>(store);
}

}  // namespace orch
