// Reads with the views warm: one allocation, and the list of 1,001 jobs.
#include <unistd.h>

#include <cstdio>

#include "tests/bench/load.h"
#include "tests/bench/reactor.h"

namespace orch::bench {

namespace {

void run(Setting& setting) {
  TestAgent agent(setting, "reads", {"-server", "-heartbeat-ttl", "3600"});
  register_nodes(agent, 5);
  agent.ask("PUT", "/v1/jobs", job_body({.id = "job", .count = 100}));
  std::vector<std::string> ids;
  for (int tries = 0; ids.size() < 100; ++tries) {
    if (tries == 100) give_up("the job's allocations are not placed");
    const std::string list = agent.ask("GET", "/v1/job/job/allocations").body;
    ids.clear();
    for (std::size_t at = 0; (at = list.find("\"ID\":\"", at)) != std::string::npos; at += 6)
      ids.push_back(list.substr(at + 6, 36));
    usleep(10'000);
  }
  const std::uint64_t reads = setting.quick ? 2000 : 100'000;
  auto allocation = [&](std::uint64_t n) { return request_text("GET", "/v1/allocation/" + ids[n % ids.size()]); };
  drive(agent.endpoint(), 4, reads / 10, allocation);
  const auto before = agent.process().times();
  Load load = drive(agent.endpoint(), 4, reads, allocation);
  const auto after = agent.process().times();
  char how[160];
  std::snprintf(how, sizeof how, "the server used %.1f us user, %.1f us system each",
                (after.user - before.user) * 1e6 / static_cast<double>(reads),
                (after.system - before.system) * 1e6 / static_cast<double>(reads));
  setting.figures.add(
      {"get_allocation.p50", percentile(load.milliseconds, 0.5), "ms", {}, "4 connections; " + std::string(how)});
  setting.figures.add({"get_allocation.p99", percentile(load.milliseconds, 0.99), "ms", at_most(0.3), ""});
  const int seconds = setting.quick ? 1 : 4;
  setting.figures.add({"get_allocation.rate", wrk_rate(agent, "/v1/allocation/" + ids.front(), 16, seconds), "/s",
                       at_least(40'000, "Nomad: 9,715"), "wrk, 16 connections"});

  const std::uint64_t jobs = setting.quick ? 100 : 1000;
  drive(agent.endpoint(), 16, jobs, [&](std::uint64_t n) {
    return request_text("PUT", "/v1/jobs", job_body({.id = "job-" + std::to_string(n), .count = 1}));
  });
  auto list = [](std::uint64_t) { return request_text("GET", "/v1/jobs"); };
  const std::string bytes = std::to_string(agent.ask("GET", "/v1/jobs").body.size());
  Load one = drive(agent.endpoint(), 1, setting.quick ? 20 : 1000, list);
  setting.figures.add({"get_jobs.p50", percentile(one.milliseconds, 0.5), "ms", at_most(0.6, "Nomad: 6.2"),
                       std::to_string(jobs + 1) + " jobs, " + bytes + " bytes, one client"});
  setting.figures.add({"get_jobs.p99", percentile(one.milliseconds, 0.99), "ms", {}, ""});
  setting.figures.add({"get_jobs.rate", wrk_rate(agent, "/v1/jobs", 16, seconds), "/s", at_least(2'500, "Nomad: 248"),
                       "wrk, 16 connections"});
}

const Bench bench{"http", run};

}  // namespace
}  // namespace orch::bench
