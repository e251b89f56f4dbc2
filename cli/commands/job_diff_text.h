// The difference of two job versions as lines with + and -.
#pragma once

#include <string>

#include "core/jobspec/job_diff.h"

namespace orch::cli {

/// Without a line end after the last line. `verbose` shows the insides of what is new or gone too.
std::string job_diff_text(const JobDiff& diff, bool verbose);


}  // namespace orch::cli
