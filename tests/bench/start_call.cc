// How long an idle agent takes from the answer of PUT /v1/jobs to the start of the task, as the task's own event says
// it.
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>

#include "tests/bench/bench.h"

namespace orch::bench {
namespace {

namespace json = boost::json;

std::int64_t wall_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// When the job's one task was started; 0 when it isn't yet.
std::int64_t started_at(TestAgent& agent, const std::string& job) {
  const json::value list = json::parse(agent.ask("GET", "/v1/job/" + job + "/allocations").body);
  for (const json::value& allocation : list.as_array()) {
    const auto* tasks = allocation.at("TaskStates").if_object();
    if (tasks == nullptr || tasks->empty()) continue;
    for (const json::value& event : tasks->begin()->value().at("Events").as_array()) {
      if (event.at("Type").as_string() == "Started") return event.at("Time").to_number<std::int64_t>();
    }
  }
  return 0;
}

void run(Setting& setting) {
  TestAgent agent(setting, "start_call", {"-dev", "-mock-driver"});
  for (int tries = 0; agent.ask("GET", "/v1/nodes").body.find("\"ready\"") == std::string::npos; ++tries) {
    if (tries == 500) give_up("the node is not ready");
    usleep(10'000);
  }
  std::vector<double> took;
  for (int i = 0; i < (setting.quick ? 3 : 40); ++i) {
    const std::string id = "job-" + std::to_string(i);
    usleep(30'000);  // idle again
    agent.ask("PUT", "/v1/jobs", job_body({.id = id}));
    const std::int64_t answered = wall_ns();
    std::int64_t started = 0;
    for (int tries = 0; started == 0; ++tries) {
      if (tries == 500) give_up("job " + id + " is not started");
      usleep(10'000);
      started = started_at(agent, id);
    }
    took.push_back(static_cast<double>(started - answered) / 1e6);
  }
  setting.figures.add({"start_call.p50", percentile(took, 0.5), "ms", at_most(5),
                       "from the answer of PUT /v1/jobs to the task's event Started, mock driver"});
  setting.figures.add({"start_call.p90", percentile(took, 0.9), "ms", {}, ""});
}

const Bench bench{"node", run};

}  // namespace
}  // namespace orch::bench
