// Rows of deployments: the JSON that is shown with its job, and which of them a job had.
#include "projections/folds.h"
#include "projections/metrics_json.h"
#include "projections/rows.h"

namespace orch {

void DeploymentFold::changed(const FoldedGroup& group, DeploymentNumber n, Changes& out) {
  out.touch(Noun::deployments, group.index);
  if (!written_.first_time(n.value, group.index)) return;
  const JobNumber job = group.state.deployment(n).job;
  DeploymentRow::encode(out.row.fresh(), job, deployment_json(group.state, group.ids, n));
  out.put(Table::deployments, version_key(n.value, group.index), out.row.view());
  out.put(Table::job_deployments, key_of(job.value, n.value), {});
}

}  // namespace orch
