#include "cli/commands/id_prefix.h"

#include <algorithm>

#include "core/base/assert.h"

namespace orch::cli {

std::string whole_bytes(const std::string& prefix) {
  const auto digits = prefix.size() - static_cast<std::size_t>(std::count(prefix.begin(), prefix.end(), '-'));
  std::string out = prefix;
  if (digits % 2 == 1) {
    while (!out.empty() && out.back() == '-') out.pop_back();
    if (!out.empty()) out.pop_back();
  }
  ORCH_ASSERT(prefix.starts_with(out), "the API is asked for more than what is looked for, never for something else");
  return out;
}

std::string prefix_complaint(const std::string& prefix) {
  return prefix.size() < 2 ? "Identifier must contain at least two characters." : "";
}

}  // namespace orch::cli
