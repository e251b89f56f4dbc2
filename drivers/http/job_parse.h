// `PUT /v1/jobs/parse`: a job file as the API's JSON, as it stands or with every default filled in.
#pragma once

#include <string>

#include "core/model/job.h"

namespace orch::http {

/// `canonical`: with the defaults. Otherwise what the file leaves open, or says as the default does, is null.
std::string parsed_job_json(const Job& parsed, bool canonical);

}  // namespace orch::http
