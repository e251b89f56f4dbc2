// Following what was set going: an evaluation to its end, a deployment to its end.
#pragma once

#include <string>

#include "cli/api_client.h"

namespace orch::cli {

/// Prints what happens until the evaluation is over. 0: all placed; 2: not all; 1: it could not be followed.
/// `announce_deployment` adds what a running deployment will still do and how to watch it.
int monitor_evaluation(ApiClient& api, const std::string& id, bool verbose, bool announce_deployment = false);

/// Prints a line per change until the deployment is over. 0: successful; 1: failed, cancelled or not followed.
int monitor_deployment(ApiClient& api, const std::string& id, bool verbose);

}  // namespace orch::cli
