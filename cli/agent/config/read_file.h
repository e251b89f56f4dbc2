// Files of the agent's configuration → AgentOptions.
#pragma once

#include <expected>
#include <string>

#include "cli/agent/agent_options.h"

namespace orch::config {

/// Reads a file, or each *.hcl and *.json file of a folder in lexical order, on top of what `options` says already. The
/// error names file, line and column of each thing that is wrong; what is only noteworthy is added to
/// `options.warnings`.
std::expected<void, std::string> read_path(const std::string& path, AgentOptions& options);

/// The same from a text; `file` is only named in messages.
std::expected<void, std::string> read_text(const std::string& text, const std::string& file, AgentOptions& options);

}  // namespace orch::config
