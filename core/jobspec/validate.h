// Whether a job makes sense (a canonical one; another is judged as `canonicalize` would fill it in): Nomad's rules in
// Nomad's sentences, and a few of ours where it lets one fall in.
#pragma once

#include <string>
#include <vector>

#include "core/model/job.h"

namespace orch {

/// What is wrong; empty when the job may run.
std::vector<std::string> validate(const Job& job);

/// Several errors as one text: "2 error(s) occurred:\n\n* …\n* …".
std::string error_list(const std::vector<std::string>& errors);
/// "1 warning(s):\n\n* …".
std::string warning_list(const std::vector<std::string>& warnings);

}  // namespace orch
