#include "drivers/net/percent.h"

#include <boost/url/encode.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace orch::net {

namespace urls = boost::urls;

std::string percent_encoded(std::string_view text) {
  return urls::encode({text.data(), text.size()}, urls::unreserved_chars);
}

std::string percent_encoded_path(std::string_view text) {
  return urls::encode({text.data(), text.size()}, urls::unreserved_chars + urls::grammar::lut_chars("/:@"));
}

std::optional<std::string> percent_decoded(std::string_view text) {
  if (text.find('%') == std::string_view::npos) return std::string(text);
  const auto escaped = urls::make_pct_string_view({text.data(), text.size()});
  if (!escaped) return std::nullopt;
  return escaped->decode();
}

}  // namespace orch::net
