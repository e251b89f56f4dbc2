#include "drivers/http/reads.h"

#include <algorithm>

namespace orch::http {

WatchKey job_key(WatchKind kind, WatchKind otherwise, const Queries& queries, std::string_view id) {
  const std::optional<JobNumber> n = queries.job_number(id);
  return n ? WatchKey{kind, n->value} : WatchKey{otherwise};
}

std::string uuid_problem(std::string_view what, std::string_view id) {
  if (id.size() == 36) return {};
  return std::string(what) + " lookup failed: index error: UUID must be 36 characters";
}

std::string prefix_problem(std::string_view what, std::string_view prefix) {
  const auto digits = prefix.size() - static_cast<std::size_t>(std::count(prefix.begin(), prefix.end(), '-'));
  if (digits % 2 == 0) return {};
  return std::string(what) + " lookup failed: index error: Input (without hyphens) must be even length";
}

}  // namespace orch::http
