// Ids as users type them: the first characters of one.
#pragma once

#include <string>

namespace orch::cli {

/// The prefix with which lists of UUIDs are asked: dashes at the end and an odd last digit are left out, since the API
/// takes whole bytes only.
std::string whole_bytes(const std::string& prefix);

/// Empty, or why it cannot be looked for.
std::string prefix_complaint(const std::string& prefix);

}  // namespace orch::cli
