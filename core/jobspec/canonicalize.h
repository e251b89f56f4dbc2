// Fills in every default, so that the same job said in few words or many is one job.
//
// Idempotent. Defaults are Nomad 0.8's: policies by job type, the job's update, reschedule and migrate blocks handed
// down to the groups field by field. A service job without an update block gets none: it is replaced at once.
#pragma once

#include "core/model/job.h"

namespace orch {

void canonicalize(Job& job);

}  // namespace orch
