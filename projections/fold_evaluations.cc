// Rows of evaluations: what it is of and the JSON that is shown, and which of them a job had.
#include "projections/folds.h"
#include "projections/metrics_json.h"
#include "projections/rows.h"

namespace orch {

void EvaluationFold::changed(const FoldedGroup& group, EvaluationNumber n, Changes& out) {
  out.touch(Noun::evaluations, group.index);
  if (!written_.first_time(n.value, group.index)) return;
  const EvaluationState& e = group.state.evaluation(n);
  if (e.create_index == group.index) out.put(Table::job_evaluations, key_of(e.job.value, n.value), {});
  EvaluationRow::encode(out.row.fresh(), e.job, e.deployment, evaluation_json(group.state, group.ids, n, group.wall));
  out.put(Table::evaluations, version_key(n.value, group.index), out.row.view());
}

}  // namespace orch
