#include <boost/beast/http/status.hpp>

#include "drivers/net/reply_head.h"

namespace orch::net {

namespace http = boost::beast::http;

std::string_view reason_phrase(int status) {
  const http::status known = http::int_to_status(static_cast<unsigned>(status));
  if (known == http::status::unknown) return "Unknown";
  const auto reason = http::obsolete_reason(known);
  return {reason.data(), reason.size()};
}

}  // namespace orch::net
