// Stands in for thousands of node clients (node_fleet.h), until told to stop.
//
// Says `registered N` once all are there and a line of counts each second in which something happened. Commands on
// standard input, one a line: `disconnect FIRST COUNT`, `reconnect FIRST COUNT`, `counts`, `quit`; the end of a pipe is
// `quit` too, so that none is left behind.
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <limits>
#include <sstream>

#include "tests/bench/node_fleet.h"

namespace orch::bench {
namespace {

void say(const NodeFleet::Counts& c, const std::string& last_error) {
  std::printf(
      "nodes %llu, running %llu, failed %llu, stopped %llu; polls %llu, reports %llu, waiting %llu, errors %llu%s%s\n",
      static_cast<unsigned long long>(c.registered), static_cast<unsigned long long>(c.running),
      static_cast<unsigned long long>(c.failed), static_cast<unsigned long long>(c.stopped),
      static_cast<unsigned long long>(c.polls), static_cast<unsigned long long>(c.reports),
      static_cast<unsigned long long>(c.waiting), static_cast<unsigned long long>(c.errors),
      c.errors != 0 ? ", the last: " : "", last_error.c_str());
  std::fflush(stdout);
}

int run(int argc, char** argv) {
  CLI::App app{"Stands in for many node clients over a server's HTTP interface; their tasks run at once and for ever.",
               "node_sim"};
  FleetOptions o;
  std::string server = "127.0.0.1:4646";
  std::int64_t pause_ms = 500;
  app.add_option("--server", server, "Address of the agent")->capture_default_str();
  app.add_option("--nodes", o.nodes, "How many")->capture_default_str();
  app.add_option("--classes", o.classes, "Node classes, class-1 and so on, in turn")->capture_default_str();
  app.add_option("--datacenters", o.datacenters, "Datacenters, in turn")->delimiter(',')->capture_default_str();
  app.add_option("--cpu", o.cpu, "MHz of each")->capture_default_str();
  app.add_option("--memory", o.memory_mb, "MiB of each")->capture_default_str();
  app.add_option("--driver", o.driver, "The driver that they offer")->capture_default_str();
  app.add_option("--pause", pause_ms, "Milliseconds between an answer and the next long poll")->capture_default_str();
  app.add_option("--connections", o.shared_connections, "Connections that registrations, heartbeats and reports share")
      ->capture_default_str();
  app.add_option("--failing", o.failing, "Share of allocations that are reported failed")->capture_default_str();
  app.add_option("--seed", o.seed, "Of the node ids and of what fails")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  auto endpoint = net::Endpoint::parse(server);
  if (!endpoint) {
    std::fprintf(stderr, "--server: %s\n", endpoint.error().c_str());
    return 2;
  }
  o.server = *endpoint;
  o.poll_pause = milliseconds(pause_ms);
  std::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  Reactor reactor;
  NodeFleet fleet(reactor, o);
  bool quit = false;
  std::string typed;
  auto obey = [&](const std::string& line) {
    std::istringstream words(line);
    std::string word;
    std::uint32_t first = 0, count = 0;
    words >> word >> first >> count;
    if (word == "disconnect") fleet.disconnect(first, count);
    if (word == "reconnect") fleet.reconnect(first, count);
    if (word == "counts") say(fleet.counts(), fleet.last_error());
    if (word == "quit") quit = true;
  };
  reactor.watch_input(STDIN_FILENO, [&] {
    char buffer[4096];
    const ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
    if (n <= 0) quit = true;
    if (n > 0) typed.append(buffer, static_cast<std::size_t>(n));
    for (std::size_t end; (end = typed.find('\n')) != std::string::npos; typed.erase(0, end + 1))
      obey(typed.substr(0, end));
  });
  fleet.start();
  bool told = false;
  std::uint64_t before = 0;
  std::function<void()> each_second = [&] {
    const auto& c = fleet.counts();
    const std::uint64_t sum = c.running + c.failed + c.stopped + c.errors + c.registered;
    if (sum != before) say(c, fleet.last_error());
    before = sum;
    reactor.at(now_ns() + 1'000'000'000, each_second);
  };
  each_second();
  reactor.run(
      [&] {
        if (!told && fleet.counts().registered >= o.nodes) {
          told = true;
          std::printf("registered %u\n", o.nodes);
          std::fflush(stdout);
        }
        return quit;
      },
      std::numeric_limits<std::int64_t>::max());
  say(fleet.counts(), fleet.last_error());
  return 0;
}

}  // namespace
}  // namespace orch::bench

int main(int argc, char** argv) { return orch::bench::run(argc, argv); }
