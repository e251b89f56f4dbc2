// SHA-256, by OpenSSL. Thread-safe. Only the .cc file includes OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace orch {

/// The 32 bytes of the digest.
std::string sha256(std::string_view text);

}  // namespace orch
