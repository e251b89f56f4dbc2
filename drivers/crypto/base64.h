// Base64, by OpenSSL. Thread-safe. Only the .cc file includes OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace orch {

/// With padding.
std::string base64(std::string_view bytes);

/// The alphabet of URLs ("-" and "_"), with padding, as the Docker engine reads it.
std::string base64url(std::string_view bytes);

/// Either alphabet, with padding or without it, line ends left out; nothing for any other text.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace orch
