// What of a valid job orch acts on, keeps without acting on it yet, or must refuse because the job would run wrongly.
#pragma once

#include <string>
#include <vector>

#include "core/model/job.h"

namespace orch {

/// Fields without which the job would not do what it says, each as a sentence with the field's path.
std::vector<std::string> refusals(const Job& job);

/// Fields that are kept and shown but not acted on yet.
std::vector<std::string> warnings(const Job& job);

}  // namespace orch
