#include "drivers/net/endpoint.h"

#include <boost/url/authority_view.hpp>
#include <charconv>

namespace orch::net {
namespace {

namespace urls = boost::urls;

// Boost.URL says that an authority is malformed, and people want to know where.
std::string what_is_wrong(std::string_view authority) {
  if (authority.starts_with('[') && authority.find(']') == std::string_view::npos) return "missing ]";
  const std::string_view after = authority.substr(authority.rfind(']') + 1);  // of all, where there is none
  const auto colon = after.rfind(':');
  const std::string_view port = colon == std::string_view::npos ? std::string_view() : after.substr(colon + 1);
  if (port.find_first_not_of("0123456789") != std::string_view::npos) {
    return "\"" + std::string(port) + "\" is not a port (0 to 65535)";
  }
  return "expected host:port (an IPv6 address stands in brackets)";
}

}  // namespace

std::expected<Endpoint, std::string> Endpoint::parse(std::string_view address) {
  const std::string given = "address \"" + std::string(address) + "\"";
  Endpoint endpoint;
  if (address.starts_with("unix://")) {
    endpoint.unix_path = address.substr(7);
    if (endpoint.unix_path.empty()) return std::unexpected(given + " names no socket file");
    return endpoint;
  }
  bool with_scheme = false;
  if (address.starts_with("https://")) {
    return std::unexpected(given + ": https is not supported; use http://host:port");
  }
  if (address.starts_with("http://")) {
    address.remove_prefix(7);
    with_scheme = true;
  } else if (address.find("://") != std::string_view::npos) {
    return std::unexpected(given + ": unknown scheme; use http://host:port or unix:///path");
  }
  // A path after the address ("http://host:4646/") means nothing here, but people write it.
  address = address.substr(0, address.find('/'));

  const auto authority = urls::parse_authority({address.data(), address.size()});
  if (!authority) return std::unexpected(given + ": " + what_is_wrong(address));
  if (authority->has_userinfo()) return std::unexpected(given + ": a user and a password are not supported");
  endpoint.host = authority->host_address();  // without brackets
  if (endpoint.host.empty()) return std::unexpected(given + " has no host");
  const std::string_view port(authority->port().data(), authority->port().size());
  if (port.empty()) {
    if (!with_scheme) return std::unexpected(given + " has no port; use host:port");
    endpoint.port = 80;
    return endpoint;
  }
  // Boost.URL's own number is cut down to 16 bits without a word.
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (error != std::errc() || end != port.data() + port.size()) {
    return std::unexpected(given + ": \"" + std::string(port) + "\" is not a port (0 to 65535)");
  }
  return endpoint;
}

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool bare_v6 = host.find(':') != std::string::npos && !host.starts_with('[');
  return (bare_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string endpoint_name(const Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) return "unix://" + endpoint.unix_path;
  return host_and_port(endpoint.host, endpoint.port);
}

}  // namespace orch::net
