// Durations as people write and read them, and as Nomad does: "1h30m", "15.2s", "500ms".
//
// What is printed reads back as the same duration.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace orch {

/// "15.2s", "30m0s", "1h0m0s", "500ms", "-5s"; zero is "0s".
std::string duration_text(Duration duration);

/// "1m30s", "250ms", "1.5h", "-5s", "0"; nothing for anything else or beyond 292 years.
std::optional<Duration> parse_duration_text(std::string_view text);

}  // namespace orch
