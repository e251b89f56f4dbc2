// Durations as Nomad writes them in events and reasons: "15.2s", "30m0s", "1h0m0s", "500ms", "0s".
#pragma once

#include <string>

#include "core/base/time.h"

namespace orch {

std::string duration_text(Duration duration);

}  // namespace orch
