// Percent escapes of URLs, both ways. Thread-safe. Only the .cc file includes Boost.URL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace orch::net {

/// As one path segment, query name or query value: all but letters, digits and "-_.~" is escaped.
std::string percent_encoded(std::string_view text);
/// As a path, whose slashes, colons and at signs stay.
std::string percent_encoded_path(std::string_view text);

/// Nothing when an escape is malformed. A plus sign stays what it is.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace orch::net
