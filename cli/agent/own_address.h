// Addresses: how one is written with its port, and under which one this machine is reached by others.
#pragma once

#include <cstdint>
#include <string>

namespace orch {

/// "10.0.0.1:4646", "[::1]:4646".
std::string host_port(const std::string& host, std::uint16_t port);

/// "0.0.0.0" or "::": all addresses of the machine.
bool is_any_address(const std::string& host);

/// Whether only programs of this machine can reach it.
bool is_loopback(const std::string& host);

/// What others reach an agent by that listens on `bind`: that address, or for all addresses the first IPv4 address of
/// `interface` (empty: of the first interface that is up and not the loopback), or the loopback when there is none.
std::string reachable_address(const std::string& bind, const std::string& interface);

}  // namespace orch
