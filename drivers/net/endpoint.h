// Where an agent, a Docker engine or any other server listens: a host and a port, or a unix socket.
//
// What people write is read by Boost.URL as an authority (RFC 3986), so that brackets, user information and escapes
// mean what they mean everywhere. Only the .cc file includes it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace orch::net {

struct Endpoint {
  std::string host;  ///< name or address, an IPv6 address without its brackets; empty with unix_path
  std::uint16_t port = 0;
  std::string unix_path;  ///< non-empty: a unix stream socket

  /// "http://host:port", "host:port" or "unix:///path". https answers an error until TLS is there. The error names the
  /// address and what is wrong with it.
  static std::expected<Endpoint, std::string> parse(std::string_view address);
};

/// "host:port"; an IPv6 address gets its brackets unless it has them.
std::string host_and_port(const std::string& host, std::uint16_t port);

/// "host:port" or "unix:///path", as `Endpoint::parse` reads it.
std::string endpoint_name(const Endpoint& endpoint);

}  // namespace orch::net
