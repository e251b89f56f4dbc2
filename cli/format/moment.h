// Instants and lengths of time as the commands show them.
#pragma once

#include <string>

#include "core/base/time.h"

namespace orch::cli {

/// "2026-11-23T19:23:59Z", "2026-11-23T20:23:59+01:00": whole seconds in the local zone (TZ); "N/A" for 0.
std::string instant(WallTime time);

/// "2m3s ago": the two greatest units; "0s ago" for now and the future.
std::string ago(WallTime time);

/// "1h2m", "2m3s", "15s": the two greatest units.
std::string length(Duration duration);

/// Reads an RFC 3339 instant; 0 for anything else and for Go's zero time.
WallTime parse_instant(const std::string& text);

}  // namespace orch::cli
