// A job file in the API's own form, {"Job": {"ID": …}}: as `job run -output` and `job inspect` print it.
//
// The members that the cluster adds (Status, Version, …) are left aside, and so is what later versions of Nomad print
// and says nothing (null, 0, "", an empty list). Any other unknown member is an error with its position and the nearest
// known name: a misspelt one would be a wish that nobody hears.
#pragma once

#include <expected>
#include <string_view>

#include "core/jobspec/diagnostic.h"
#include "core/jobspec/syntax_tree.h"
#include "core/model/job.h"

namespace orch::syntax {

/// Whether these items are such a file: with or without the "Job" around it.
bool is_api_form(const Object& items);

/// `text` is what the items were read from.
std::expected<Job, Diagnostics> job_in_api_form(std::string_view text, std::string_view file, const Object& items);

}  // namespace orch::syntax
