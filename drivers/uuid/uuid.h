// Random ids from the kernel, by Boost.UUID; the only place that sees it. Any thread.
//
// Ids of allocations, evaluations and deployments are not random: they come from the log (core/base/id_codec.h).
#pragma once

#include <string>
#include <string_view>

namespace orch {

/// 36 characters, lower case: "0c2f1c1e-98a5-4f1e-a3c2-5a4b1d0e7f66".
std::string random_uuid();

/// The same without dashes, 32 characters: ids of logs, idempotency keys.
std::string random_key();

/// Whether a text has the form of a UUID, in either case, whatever version it says.
bool is_uuid(std::string_view text);

}  // namespace orch
