// Text that no program below could carry: a NUL byte anywhere in a job, a line end or the like in a name.
#pragma once

#include <string>
#include <vector>

#include "core/model/job.h"

namespace orch {

/// Adds a sentence for each such field (the first ten), named by its path. The job's id is judged by `validate`.
void check_texts(const Job& job, std::vector<std::string>& errors);

}  // namespace orch
