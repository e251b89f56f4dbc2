// Rows of deployments: the JSON that is shown, and which of them a job had.
#include "projections/folds.h"
#include "projections/metrics_json.h"

namespace orch {

void DeploymentFold::changed(const FoldedGroup& group, DeploymentNumber n, Changes& out) {
  out.touch(Noun::deployments, group.index);
  if (!written_.first_time(n.value, group.index)) return;
  out.put(Table::deployments, version_key(n.value, group.index), deployment_json(group.state, group.ids, n));
  out.put(Table::job_deployments, key_of(group.state.deployment(n).job.value, n.value), {});
}

}  // namespace orch
