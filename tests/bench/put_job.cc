// PUT /v1/jobs, durable: one client whose job places nothing, one whose job places an allocation each time, and 64
// clients. Beside each, bare LMDB commits of as many bytes, taken in turns with the requests, since the disk's mood
// changes.
#include <cstdio>

#include "core/model/json_text.h"
#include "drivers/log/lmdb/lmdb_log.h"
#include "tests/bench/bare_commit.h"
#include "tests/bench/load.h"
#include "tests/bench/reactor.h"

namespace orch::bench {
namespace {

// The job that `orch job init` writes, as the command line would send it.
class ExampleJob {
 public:
  ExampleJob(const Setting& setting, TestAgent& agent) {
    const std::string folder = setting.folder + "/job";
    ChildProcess init(
        {"/bin/sh", "-c", "mkdir -p " + folder + " && cd " + folder + " && exec " + setting.orch + " job init"},
        setting.folder + "/job.log");
    init.wait();
    std::FILE* file = std::fopen((folder + "/example.nomad").c_str(), "r");
    if (file == nullptr) give_up("orch job init wrote no file");
    std::string text(65536, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file));
    std::fclose(file);
    job_ = agent.ask("POST", "/v1/jobs/parse", "{\"JobHCL\":" + quoted(text) + "}").body;
    for (std::size_t at = 0; (at = job_.find("\"example\"", at)) != std::string::npos;) {
      ids_.push_back(at + 1);
      at += 9;
    }
    if (ids_.empty()) give_up("the example job has no id");
  }
  std::string request(const std::string& id, int count) const {
    std::string job = job_;
    for (std::size_t i = ids_.size(); i-- > 0;) job.replace(ids_[i], 7, id);
    const std::size_t at = job.find("\"Count\":1");
    if (at == std::string::npos) give_up("the example job has no count");
    job.replace(at, 9, "\"Count\":" + std::to_string(count));
    return request_text("PUT", "/v1/jobs", "{\"Job\":" + job + "}", "Content-Type: application/json\r\n");
  }

 private:
  std::string job_;
  std::vector<std::size_t> ids_;
};

// Bytes of the groups after `from`, and how many appends they may have been.
std::uint64_t log_bytes(const TestAgent& agent, LogIndex from, LogIndex& head) {
  auto log = LmdbLog::open(agent.data_dir() + "/log", {.read_only = true});
  if (!log) give_up(log.error().message);
  std::uint64_t bytes = 0;
  const auto read = (*log)->read(from + 1, [&](LogIndex index, Bytes group) {
    bytes += group.size();
    head = index;
    return true;
  });
  if (!read) give_up(read.error().message);
  return bytes;
}

struct OneClient {
  double p50, p99, bare_p50, ratio;
  std::size_t bytes;
};

OneClient one_client(Setting& setting, TestAgent& agent, const ExampleJob& job, const std::string& name, int count,
                     BareCommit& bare) {
  const int rounds = setting.quick ? 2 : 8, each = setting.quick ? 20 : 150;
  LogIndex head = 0;
  log_bytes(agent, 0, head);
  const LogIndex before = head;
  drive(agent.endpoint(), 1, 50,
        [&](std::uint64_t n) { return job.request(name + "-warm-" + std::to_string(n), count); });
  OneClient found{};
  found.bytes = log_bytes(agent, before, head) / 50;
  std::vector<double> all, ratios, bares;
  int made = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<double> bare_ms = bare.run(each, found.bytes);
    Load load = drive(agent.endpoint(), 1, static_cast<std::uint64_t>(each),
                      [&](std::uint64_t) { return job.request(name + "-" + std::to_string(made++), count); });
    all.insert(all.end(), load.milliseconds.begin(), load.milliseconds.end());
    ratios.push_back(median(load.milliseconds) / median(bare_ms));
    bares.push_back(median(bare_ms));
  }
  found.p50 = percentile(all, 0.5);
  found.p99 = percentile(all, 0.99);
  found.bare_p50 = median(bares);
  found.ratio = median(ratios);
  return found;
}

void run(Setting& setting) {
  TestAgent agent(setting, "put_job", {"-server", "-heartbeat-ttl", "3600"});
  const ExampleJob job(setting, agent);
  BareCommit bare(setting.folder + "/bare");
  auto tell = [&](const std::string& name, const OneClient& c, const Goal& goal) {
    char how[160];
    std::snprintf(how, sizeof how, "bare commit of %zu bytes: p50 %.3f ms", c.bytes, c.bare_p50);
    setting.figures.add({name + ".p50", c.p50, "ms", {}, "one client, kept-alive; " + std::string(how)});
    setting.figures.add({name + ".p99", c.p99, "ms", {}, ""});
    setting.figures.add({name + ".to_bare", c.ratio, "x", goal, "median over rounds of p50 / p50 of the bare commit"});
  };
  tell("put_job.nothing", one_client(setting, agent, job, "idle", 0, bare), at_most(1.5));
  register_nodes(agent, 20);
  tell("put_job.one", one_client(setting, agent, job, "one", 1, bare), at_most(2.5));

  const std::uint64_t count = setting.quick ? 2000 : 40'000;
  std::vector<std::string> requests;
  for (std::uint64_t n = 0; n < count; ++n) requests.push_back(job.request("many-" + std::to_string(n), 0));
  const auto before = agent.process().times();
  Load load = drive(agent.endpoint(), 64, count, [&](std::uint64_t n) { return std::move(requests[n]); });
  const auto after = agent.process().times();
  char how[160];
  std::snprintf(how, sizeof how,
                "64 clients, jobs that place nothing; the server used %.1f us user, %.1f us system each",
                (after.user - before.user) * 1e6 / static_cast<double>(count),
                (after.system - before.system) * 1e6 / static_cast<double>(count));
  setting.figures.add({"put_job.64_clients.rate", load.rate(), "/s", at_least(20'000), how});
  setting.figures.add({"put_job.64_clients.p99", percentile(load.milliseconds, 0.99), "ms", at_most(10), ""});
}

const Bench bench{"http", run};

}  // namespace
}  // namespace orch::bench
