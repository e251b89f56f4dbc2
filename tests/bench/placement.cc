// Placing with simulated nodes, from the first PUT until all is placed, durable and queryable, and on until all is
// reported running; what the server's memory grows to; how fast `orch replay` folds the log.
#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <deque>

#include "tests/bench/bench.h"
#include "tests/bench/reactor.h"

namespace orch::bench {
namespace {

namespace json = boost::json;

struct Shape {
  std::string name;
  int nodes, node_cpu, node_memory, jobs, count, cpu, memory;
  bool all_classes;  ///< each job is bound to one of three classes in turn; else all to the first
};

struct Sums {
  std::int64_t queued = 0, starting = 0, running = 0, other = 0;
};

// What the list of jobs says of all allocations together.
Sums sums_of(TestAgent& agent) {
  const std::string text = agent.ask("GET", "/v1/jobs").body;
  Sums sums;
  json::monotonic_resource memory;
  const json::value list = json::parse(text, &memory);
  for (const json::value& job : list.as_array()) {
    for (const auto& group : job.at("JobSummary").at("Summary").as_object()) {
      sums.queued += group.value().at("Queued").to_number<std::int64_t>();
      sums.starting += group.value().at("Starting").to_number<std::int64_t>();
      sums.running += group.value().at("Running").to_number<std::int64_t>();
      for (const char* other : {"Complete", "Failed", "Lost"})
        sums.other += group.value().at(other).to_number<std::int64_t>();
    }
  }
  return sums;
}

// Registers the jobs over several connections; answers their evaluations.
std::vector<std::string> submit(const TestAgent& agent, const Shape& shape) {
  Reactor reactor;
  std::deque<Connection> connections;
  for (int i = 0; i < std::min(16, shape.jobs); ++i) connections.emplace_back(reactor, agent.endpoint());
  std::vector<std::string> evaluations(static_cast<std::size_t>(shape.jobs));
  int next = 0, answered = 0;
  std::function<void(Connection&)> send_next = [&](Connection& connection) {
    if (next == shape.jobs) return;
    const int n = next++;
    const std::string body = job_body({.id = "job-" + std::to_string(n),
                                       .count = shape.count,
                                       .cpu = shape.cpu,
                                       .memory_mb = shape.memory,
                                       .node_class = "class-" + std::to_string(shape.all_classes ? n % 3 + 1 : 1)});
    connection.send(request_text("PUT", "/v1/jobs", body), [&, n](const Reply& reply) {
      if (reply.status != 200) give_up("PUT /v1/jobs: " + std::to_string(reply.status) + " " + std::string(reply.body));
      evaluations[static_cast<std::size_t>(n)] = text_in(reply.body, "EvalID");
      ++answered;
      send_next(connection);
    });
  };
  for (Connection& connection : connections) send_next(connection);
  if (!reactor.run([&] { return answered == shape.jobs; }, now_ns() + 300'000'000'000))
    give_up("the jobs are not taken within 300 s");
  return evaluations;
}

void wait_for(TestAgent& agent, const std::string& evaluation) {
  std::string index = "0";
  while (true) {
    const auto answer = agent.ask("GET", "/v1/evaluation/" + evaluation + "?wait=10s&index=" + index);
    const std::string status = text_in(answer.body, "Status");
    if (status == "complete") return;
    if (status != "pending") give_up("an evaluation ended as " + status + ": " + answer.body);
    index = answer.header("X-Nomad-Index");
  }
}

double seconds_since(std::int64_t start) { return static_cast<double>(now_ns() - start) / 1e9; }

std::string number_line(const std::string& text, const std::string& name) {
  const std::size_t at = text.find(name);
  if (at == std::string::npos) return {};
  const std::size_t begin = text.find('=', at) + 2;
  return text.substr(begin, text.find('\n', begin) - begin);
}

struct Measured {
  double placed_s, running_s, user_placing, user_running, sim_user, anon_placed, anon_peak;
};

Measured place(Setting& setting, const Shape& shape, const std::string& run, std::string& data_dir) {
  TestAgent agent(setting, shape.name + run, {"-server", "-heartbeat-ttl", "60"});
  data_dir = agent.data_dir();
  ChildProcess sim({setting.node_sim, "--server", agent.address(), "--nodes", std::to_string(shape.nodes), "--cpu",
                    std::to_string(shape.node_cpu), "--memory", std::to_string(shape.node_memory)},
                   setting.folder + "/node_sim.log");
  if (!sim.line_with("registered ", 120)) give_up("the simulated nodes did not all register");
  const std::int64_t total = std::int64_t{shape.jobs} * shape.count;
  Measured m{};
  const double user_before = agent.process().times().user;
  const double sim_before = sim.times().user;
  const std::int64_t start = now_ns();
  for (const std::string& evaluation : submit(agent, shape)) wait_for(agent, evaluation);
  Sums sums = sums_of(agent);
  if (sums.starting + sums.running + sums.other != total || sums.queued != 0) {
    give_up("not all is placed: " + std::to_string(sums.starting + sums.running + sums.other) + " of " +
            std::to_string(total));
  }
  m.placed_s = seconds_since(start);
  m.user_placing = agent.process().times().user - user_before;
  m.anon_placed = m.anon_peak = agent.process().megabytes("RssAnon");
  while (sums.running < total) {
    if (seconds_since(start) > 600) give_up("only " + std::to_string(sums.running) + " are running after 600 s");
    usleep(50'000);
    m.anon_peak = std::max(m.anon_peak, agent.process().megabytes("RssAnon"));
    sums = sums_of(agent);
  }
  m.running_s = seconds_since(start) - m.placed_s;
  m.user_running = agent.process().times().user - user_before - m.user_placing;
  m.sim_user = sim.times().user - sim_before;
  m.anon_peak = std::max(m.anon_peak, agent.process().megabytes("RssAnon"));
  return m;
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f s", seconds);
  return text;
}

}  // namespace

void bench_placement(Setting& setting) {
  const Shape shape = setting.quick ? Shape{"placement", 100, 4000, 8192, 1, 1000, 20, 10, false}
                                    : Shape{"placement", 1000, 4000, 8192, 1, 10'000, 20, 10, false};
  std::vector<double> rates, running;
  std::string folder;
  for (int i = 0; i < (setting.quick ? 1 : 5); ++i) {
    const Measured m = place(setting, shape, "-" + std::to_string(i), folder);
    rates.push_back(shape.count / m.placed_s);
    running.push_back(m.running_s);
  }
  const std::string how = std::to_string(shape.nodes) + " nodes of three classes, one job x " +
                          std::to_string(shape.count) + " bound to one, median of " + std::to_string(rates.size());
  setting.figures.add({"placement.rate", median(rates), "/s", ">= 200,000 (Nomad 0.8.7: 2,757)", how});
  setting.figures.add({"placement.until_running", median(running), "s", "", "more until all are reported running"});
}

void bench_c1m(Setting& setting) {
  const Shape shape = setting.quick ? Shape{"c1m", 200, 16'000, 32'768, 20, 1000, 20, 15, true}
                                    : Shape{"c1m", 5000, 16'000, 32'768, 1000, 1000, 20, 15, true};
  std::string folder;
  const Measured m = place(setting, shape, "", folder);
  const double total = static_cast<double>(shape.jobs) * shape.count;
  const std::string how =
      std::to_string(shape.nodes) + " nodes, " + std::to_string(shape.jobs) + " jobs x " + std::to_string(shape.count);
  setting.figures.add({"c1m.placed", m.placed_s, "s", "<= 3 for a million",
                       how + "; server's user time " + seconds_text(m.user_placing)});
  setting.figures.add({"c1m.placed_rate", total / m.placed_s, "/s", "", ""});
  setting.figures.add(
      {"c1m.until_running", m.running_s, "s", "<= 10 more",
       "server's user time " + seconds_text(m.user_running) + ", the nodes' " + seconds_text(m.sim_user) + " in all"});
  setting.figures.add({"c1m.memory_placed", m.anon_placed, "MiB", "", "RssAnon when all is placed"});
  setting.figures.add(
      {"c1m.memory", m.anon_peak, "MiB", "<= 1,024", "RssAnon, the greatest seen until all was running"});

  ChildProcess replay({setting.orch, "replay", "-no-live", folder}, setting.folder + "/replay.log");
  std::string text;
  while (auto line = replay.line(300)) text += *line + "\n";
  const std::string rate = number_line(text, "Rate");
  const std::size_t at = rate.find("events/s, ");
  setting.figures.add({"replay.allocation_events", at == std::string::npos ? 0 : std::atof(rate.c_str() + at + 10),
                       "/s", ">= 5,000,000",
                       number_line(text, "Time") + " for " + number_line(text, "Groups") + " groups, " +
                           number_line(text, "Events") + " events"});
}

}  // namespace orch::bench
