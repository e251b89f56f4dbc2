// The node that a prefix of an id names, and the agent that runs on it.
#pragma once

#include <boost/json/value.hpp>
#include <expected>
#include <string>

#include "cli/api_client.h"

namespace orch::cli {

/// The whole node. An exit code when there is not exactly one, after a complaint.
std::expected<boost::json::value, int> node_of_prefix(ApiClient& api, const std::string& prefix, bool verbose);

/// The id of the node of the agent that is asked; an exit code after a complaint when it is none.
std::expected<std::string, int> own_node_id(ApiClient& api);

/// A client of the agent that runs on a node (files, logs and usage come from there): the agent already spoken with
/// when it is that one, otherwise the one at the address that the node has registered.
ApiClient agent_of_node(ApiClient& api, const GeneralOptions& options, const std::string& node_id);

/// Rows of `node status` without an id.
std::string node_table(const std::vector<const boost::json::value*>& nodes, bool verbose,
                       const std::vector<std::string>* running = nullptr);

}  // namespace orch::cli
