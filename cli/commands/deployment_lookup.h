// Deployments: which one a prefix names, and how one is shown.
#pragma once

#include <boost/json/value.hpp>
#include <expected>
#include <string>

#include "cli/api_client.h"

namespace orch::cli {

/// An exit code when there is not exactly one; what to tell the user has been printed then. `doing` is Nomad's verb
/// ("retrieving", "failing").
std::expected<boost::json::value, int> deployment_of_prefix(ApiClient& api, const std::string& prefix,
                                                            const std::string& doing);

/// ID, Job ID, Job Version, Status, Description.
std::string deployment_table(const boost::json::value& deployments, bool verbose);

/// The "Deployed" table of its groups.
std::string deployed_table(const boost::json::value& deployment);

}  // namespace orch::cli
