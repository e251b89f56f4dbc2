// A job file in, a Job or diagnostics out.
//
// Read are HCL as Nomad 0.8 wrote it (blocks and maps are one thing), the same blocks in today's HCL2 syntax, and JSON
// (the API's `{"Job": …}` and the file form `{"job": {"name": …}}`). `${…}` is kept as it stands. Nothing is filled in
// (canonicalize.h) and nothing is judged (validate.h) beyond what the words mean.
// Bounds: those of core/base/limits.h, UTF-8 without NUL. Time is linear in the text.
#pragma once

#include <expected>
#include <string_view>

#include "core/base/limits.h"
#include "core/jobspec/diagnostic.h"
#include "core/model/job.h"

namespace orch {

/// `file` is only named in diagnostics.
std::expected<Job, Diagnostics> parse_job(std::string_view text, std::string_view file);

}  // namespace orch
