#include "tests/bench/placing.h"

#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <deque>

#include "tests/bench/reactor.h"

namespace orch::bench {
namespace {

namespace json = boost::json;

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

}  // namespace

Measured place(Setting& setting, const Shape& shape, const std::string& run) {
  TestAgent agent(setting, shape.name + run, {"-server", "-heartbeat-ttl", "60"});
  ChildProcess sim({setting.node_sim, "--server", agent.address(), "--nodes", std::to_string(shape.nodes), "--cpu",
                    std::to_string(shape.node_cpu), "--memory", std::to_string(shape.node_memory)},
                   setting.folder + "/node_sim.log");
  if (!sim.line_with("registered ", 120)) give_up("the simulated nodes did not all register");
  const std::int64_t total = std::int64_t{shape.jobs} * shape.count;
  Measured m{};
  m.data_dir = agent.data_dir();
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

const Million& million(Setting& setting) {
  static const Million done = [&] {
    const Shape shape = setting.quick ? Shape{"c1m", 200, 16'000, 32'768, 20, 1000, 20, 15, true}
                                      : Shape{"c1m", 5000, 16'000, 32'768, 1000, 1000, 20, 15, true};
    return Million{shape, place(setting, shape, "")};
  }();
  return done;
}

}  // namespace orch::bench
