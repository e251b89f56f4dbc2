#include "tests/bench/load.h"

#include <cstdlib>
#include <deque>

#include "tests/bench/reactor.h"

namespace orch::bench {

Load drive(const net::Endpoint& agent, std::size_t connections, std::uint64_t count,
           const std::function<std::string(std::uint64_t)>& request) {
  Reactor reactor;
  std::deque<Connection> all;
  for (std::size_t i = 0; i < connections; ++i) all.emplace_back(reactor, agent);
  Load load;
  load.milliseconds.reserve(count);
  std::uint64_t next = 0;
  std::function<void(Connection&)> send_next = [&](Connection& connection) {
    if (next == count) return;
    std::string text = request(next++);
    const std::int64_t sent = now_ns();
    connection.send(std::move(text), [&, sent](const Reply& reply) {
      if (reply.status / 100 != 2) give_up("answered " + std::to_string(reply.status) + ": " + std::string(reply.body));
      load.milliseconds.push_back(static_cast<double>(now_ns() - sent) / 1e6);
      send_next(connection);
    });
  };
  const std::int64_t start = now_ns();
  for (Connection& connection : all) send_next(connection);
  if (!reactor.run([&] { return load.milliseconds.size() == count; }, start + 300'000'000'000))
    give_up("not all is answered within 300 s");
  load.seconds = static_cast<double>(now_ns() - start) / 1e9;
  return load;
}

double wrk_rate(const TestAgent& agent, const std::string& target, int connections, int seconds) {
  ChildProcess wrk({"wrk", "-t2", "-c" + std::to_string(connections), "-d" + std::to_string(seconds) + "s",
                    "http://" + agent.address() + target},
                   "/dev/null");
  double rate = 0;
  while (auto line = wrk.line(seconds + 30.0)) {
    if (line->starts_with("Requests/sec:")) rate = std::atof(line->c_str() + 13);
    if (line->find("Non-2xx") != std::string::npos) give_up(target + ": " + *line);
  }
  if (rate == 0) give_up("wrk says nothing; is it installed?");
  return rate;
}

}  // namespace orch::bench
