#include "core/reducer/plan_conclusion.h"

#include <string>
#include <utility>

#include "core/reducer/evaluation.h"

namespace orch {
namespace {

std::vector<NamedCount> counts(const flatbuffers::Vector<flatbuffers::Offset<wire::Count>>* from) {
  std::vector<NamedCount> made;
  if (from == nullptr) return made;
  for (const wire::Count* c : *from) made.push_back({c->name() != nullptr ? c->name()->str() : "", c->count()});
  return made;
}

GroupMetrics metrics(const wire::GroupMetrics& m) {
  return {.group = m.group(),
          .failed = m.failed(),
          .nodes_evaluated = m.nodes_evaluated(),
          .nodes_filtered = m.nodes_filtered(),
          .nodes_exhausted = m.nodes_exhausted(),
          .nodes_available = counts(m.nodes_available()),
          .class_filtered = counts(m.class_filtered()),
          .constraint_filtered = counts(m.constraint_filtered()),
          .class_exhausted = counts(m.class_exhausted()),
          .dimension_exhausted = counts(m.dimension_exhausted())};
}

// What the scheduler found goes into the evaluation, where people look. Answers whether something was left unplaced.
bool write_down_findings(StateEdit& edit, EvaluationNumber e, const wire::SubmitPlan& plan) {
  const JobState& job = edit.state().job(JobNumber{plan.job()});
  const std::vector<TaskGroup>& groups = job.job().task_groups;
  bool failed = false;
  edit.change(e, [&](EvaluationState& evaluation) {
    evaluation.state_index = plan.state_index();
    evaluation.job_version = plan.job_version();
    evaluation.queued.clear();
    evaluation.failed.clear();
    for (std::uint32_t i = 0; plan.queued() != nullptr && i < plan.queued()->size() && i < groups.size(); ++i)
      evaluation.queued.push_back({groups[i].name, plan.queued()->Get(i)});
    for (std::uint32_t i = 0; plan.metrics() != nullptr && i < plan.metrics()->size(); ++i) {
      evaluation.failed.push_back(metrics(*plan.metrics()->Get(i)));
      failed |= evaluation.failed.back().failed > 0;
    }
    std::erase_if(evaluation.failed, [](const GroupMetrics& m) { return m.failed == 0; });
    // The job's latest, over or not, as Nomad tells it.
    if (job.deployment) evaluation.deployment = job.deployment;
  });
  return failed;
}

// The job's summary says how many of each group wait, as its evaluation does.
void show_queued(StateEdit& edit, EvaluationNumber e) {
  const JobNumber n = edit.state().evaluation(e).job;
  edit.change(n, [&](JobState& job) {
    for (const NamedCount& q : edit.state().evaluation(e).queued)
      job.summary[job.summary_position(q.name)].queued = q.count;
    job.summary_index = edit.index();
  });
  edit.emit(EventKind::job_changed, n.value);
}

}  // namespace

void conclude_evaluation(StateEdit& edit, const wire::SubmitPlan& plan) {
  const EvaluationNumber e{plan.evaluation()};
  const JobNumber n{plan.job()};
  const bool failed = write_down_findings(edit, e, plan);
  show_queued(edit, e);

  const EvaluationNumber waiting = edit.state().job(n).blocked;
  if (!failed) {
    edit.finish(e, EvaluationStatus::complete);
    if (waiting) edit.finish(waiting, EvaluationStatus::complete);  // what it waited to place is placed
  } else if (waits_for_room_again(edit.state().evaluation(e).trigger)) {
    edit.block(e);  // there was room, but not enough: it waits again under its own number, as in Nomad
  } else {
    if (waiting) supersede(edit, waiting);
    edit.finish(e, EvaluationStatus::complete);
    create_blocked_evaluation(edit, e, plan.state_index(), Trigger::queued_allocs);
  }
  ORCH_ASSERT(!edit.state().job(n).pending, "a plan ends the evaluation that it was made for");
}

void note_refused_plan(StateEdit& edit, const wire::SubmitPlan& plan) {
  if (was_refused(edit.state(), plan)) return;
  edit.change(EvaluationNumber{plan.evaluation()}, [&](EvaluationState& evaluation) {
    ++evaluation.refused_plans;
    evaluation.refused_decision = plan.state_index();
  });
}

bool was_refused(const State& state, const wire::SubmitPlan& plan) {
  const EvaluationState& evaluation = state.evaluation(EvaluationNumber{plan.evaluation()});
  return evaluation.refused_plans != 0 && evaluation.refused_decision == plan.state_index();
}

void give_up_if_spent(StateEdit& edit, const wire::SubmitPlan& plan, Findings findings, std::string_view why,
                      const std::vector<std::uint32_t>& unplaced) {
  const EvaluationNumber e{plan.evaluation()};
  const JobNumber n = edit.state().evaluation(e).job;
  const std::uint32_t most = max_plan_attempts(edit.state().job(n).job().type);
  if (edit.state().evaluation(e).refused_plans < most) return;
  if (findings == Findings::of_plan) write_down_findings(edit, e, plan);
  const std::vector<TaskGroup>& groups = edit.state().job(n).job().task_groups;
  std::string description = "maximum attempts reached (" + std::to_string(most) + "): " + std::string(why);
  edit.change(e, [&](EvaluationState& evaluation) {
    for (std::size_t i = 0; i < unplaced.size() && i < groups.size(); ++i) {
      if (unplaced[i] == 0) continue;
      if (evaluation.queued.size() <= i) evaluation.queued.resize(i + 1);
      evaluation.queued[i].name = groups[i].name;
      evaluation.queued[i].count += unplaced[i];
    }
    std::erase_if(evaluation.queued, [](const NamedCount& q) { return q.name.empty(); });
    evaluation.description = description;
  });
  show_queued(edit, e);
  if (waits_for_room_again(edit.state().evaluation(e).trigger)) {
    edit.block(e);
  } else {
    if (const EvaluationNumber waiting = edit.state().job(n).blocked) supersede(edit, waiting);
    edit.finish(e, EvaluationStatus::failed, std::move(description));
    create_blocked_evaluation(edit, e, plan.state_index(), Trigger::max_plan_attempts);
  }
  ORCH_ASSERT(!edit.state().job(n).pending, "an evaluation that gave up is planned no more until there is room");
}

}  // namespace orch
