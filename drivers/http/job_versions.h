// `GET /v1/job/:id/versions?diffs=true`: what each version changed.
#pragma once

#include <string>

namespace orch::http {

/// Fills "Diffs" of a versions answer: one for each version but the oldest kept, the newest first.
std::string with_diffs(const std::string& versions_answer);

}  // namespace orch::http
