#include "cli/agent/own_address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include "drivers/net/endpoint.h"

namespace orch {

std::string host_port(const std::string& host, std::uint16_t port) {
  return net::host_and_port(host, port);
}

bool is_any_address(const std::string& host) { return host == "0.0.0.0" || host == "::" || host == "[::]"; }

bool is_loopback(const std::string& host) {
  return host.starts_with("127.") || host == "localhost" || host == "::1" || host == "[::1]";
}

std::string reachable_address(const std::string& bind, const std::string& interface) {
  if (!is_any_address(bind)) return bind;
  std::string found = "127.0.0.1";
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return found;
  for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != AF_INET) continue;
    const bool wanted = interface.empty() ? (at->ifa_flags & IFF_UP) != 0 && (at->ifa_flags & IFF_LOOPBACK) == 0
                                          : interface == at->ifa_name;
    if (!wanted) continue;
    char text[INET_ADDRSTRLEN] = "";
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr, text, sizeof text);
    found = text;
    break;
  }
  ::freeifaddrs(list);
  return found;
}

}  // namespace orch
