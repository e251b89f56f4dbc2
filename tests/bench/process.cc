// Whole processes: the command line from its start to its end, the agent from its start to its first answer.
#include "tests/bench/bench.h"
#include "tests/bench/reactor.h"

namespace orch::bench {
namespace {

double milliseconds_of(const std::vector<std::string>& words, const std::string& log) {
  const std::int64_t start = now_ns();
  ChildProcess child(words, log);
  child.wait();
  return static_cast<double>(now_ns() - start) / 1e6;
}

double start_of_agent(const Setting& setting, const std::string& name, const std::vector<std::string>& flags) {
  const std::int64_t start = now_ns();
  TestAgent agent(setting, name, flags);
  agent.ask("GET", "/v1/jobs");
  return static_cast<double>(now_ns() - start) / 1e6;
}

void run(Setting& setting) {
  const std::string log = setting.folder + "/process.log";
  {
    TestAgent agent(setting, "process", {"-server", "-heartbeat-ttl", "3600"});
    register_nodes(agent, 1);
    agent.ask("PUT", "/v1/jobs", job_body({.id = "example"}));
    std::vector<double> status, version;
    for (int i = 0; i < (setting.quick ? 3 : 40); ++i) {
      status.push_back(
          milliseconds_of({setting.orch, "status", "-address", "http://" + agent.address(), "example"}, log));
      version.push_back(milliseconds_of({setting.orch, "version"}, log));
    }
    setting.figures.add({"orch_status.p50", percentile(status, 0.5), "ms", at_most(10, "Nomad: 34"),
                         "orch status example, from fork to end"});
    setting.figures.add({"orch_status.p90", percentile(status, 0.9), "ms", {}, ""});
    setting.figures.add({"orch_version.p50", percentile(version, 0.5), "ms", {}, "the start of the process alone"});
  }
  std::vector<double> server, dev, again;
  for (int i = 0; i < (setting.quick ? 1 : 9); ++i) {
    server.push_back(start_of_agent(setting, "start-" + std::to_string(i), {"-server"}));
    again.push_back(start_of_agent(setting, "start-" + std::to_string(i), {"-server"}));
    dev.push_back(start_of_agent(setting, "dev-" + std::to_string(i), {"-dev"}));
  }
  setting.figures.add({"agent_start.server", median(server), "ms", at_most(150),
                       "orch agent -server, an empty folder, to its first answer"});
  setting.figures.add({"agent_start.again", median(again), "ms", at_most(150), "the same, on the folder that it left"});
  setting.figures.add({"agent_start.dev", median(dev), "ms", at_most(150, "Nomad: 1,500"), "orch agent -dev"});
}

const Bench bench{"start", run};

}  // namespace
}  // namespace orch::bench
