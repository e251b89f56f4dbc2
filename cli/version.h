// The version that `orch version`, the API and the node's fingerprint report.
#pragma once

namespace orch {

inline constexpr char version_number[] = "0.1.0";

}  // namespace orch
