// Requests over some connections, one after another on each, and how long each took.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/bench.h"

namespace orch::bench {

struct Load {
  std::vector<double> milliseconds;  ///< of each request, in the order of the answers
  double seconds = 0;                ///< in all
  double rate() const { return static_cast<double>(milliseconds.size()) / seconds; }
};

/// Sends the requests 0, 1, … `count` - 1; any answer but a 2xx ends the bench.
Load drive(const net::Endpoint& agent, std::size_t connections, std::uint64_t count,
           const std::function<std::string(std::uint64_t)>& request);

/// Requests a second as wrk counts them, with `connections` over two threads.
double wrk_rate(const TestAgent& agent, const std::string& target, int connections, int seconds);

}  // namespace orch::bench
