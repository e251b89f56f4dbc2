#include <charconv>

#include "drivers/net/http_client.h"
#include "drivers/net/message_parser.h"

namespace orch::net {

std::expected<Endpoint, std::string> Endpoint::parse(std::string_view address) {
  const std::string given(address);
  Endpoint endpoint;
  if (address.starts_with("unix://")) {
    endpoint.unix_path = address.substr(7);
    if (endpoint.unix_path.empty()) return std::unexpected("address \"" + given + "\" names no socket file");
    return endpoint;
  }
  bool with_scheme = false;
  if (address.starts_with("https://")) {
    return std::unexpected("address \"" + given + "\": https is not supported; use http://host:port");
  }
  if (address.starts_with("http://")) {
    address.remove_prefix(7);
    with_scheme = true;
  } else if (address.find("://") != std::string_view::npos) {
    return std::unexpected("address \"" + given + "\": unknown scheme; use http://host:port or unix:///path");
  }
  // A path after the address ("http://host:4646/") means nothing here, but people write it.
  if (auto slash = address.find('/'); slash != std::string_view::npos) address = address.substr(0, slash);

  std::string_view port;
  if (address.starts_with('[')) {
    const auto end = address.find(']');
    if (end == std::string_view::npos) return std::unexpected("address \"" + given + "\": missing ]");
    endpoint.host = address.substr(1, end - 1);
    address.remove_prefix(end + 1);
    if (address.starts_with(':')) port = address.substr(1);
  } else if (auto colon = address.rfind(':'); colon != std::string_view::npos) {
    endpoint.host = address.substr(0, colon);
    port = address.substr(colon + 1);
  } else {
    endpoint.host = address;
  }
  if (endpoint.host.empty()) return std::unexpected("address \"" + given + "\" has no host");
  if (port.empty()) {
    if (!with_scheme) return std::unexpected("address \"" + given + "\" has no port; use host:port");
    endpoint.port = 80;
    return endpoint;
  }
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (error != std::errc() || end != port.data() + port.size()) {
    return std::unexpected("address \"" + given + "\": \"" + std::string(port) + "\" is not a port (0 to 65535)");
  }
  return endpoint;
}

std::string_view HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return {};
}

}  // namespace orch::net
