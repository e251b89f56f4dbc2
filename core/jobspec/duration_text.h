// Durations as people write them (core/runner/duration_text.h prints them).
#pragma once

#include <optional>
#include <string_view>

#include "core/base/time.h"

namespace orch {

/// "1m30s", "250ms", "1.5h", "-5s", "0"; nothing for anything else or beyond 292 years.
std::optional<Duration> parse_duration_text(std::string_view text);

}  // namespace orch
