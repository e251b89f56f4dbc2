// What the parts of a PUT /v1/jobs cost, without HTTP and disk, in one thread: nanoseconds each. The job is that of
// `orch job init` with a count of 0, in turns of 64, in front of a memory log and, by choice, views in memory or in
// LMDB.
//
// put_parts [--jobs N] [--lmdb FOLDER]
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/jobspec/canonicalize.h"
#include "core/jobspec/support.h"
#include "core/jobspec/validate.h"
#include "core/log/memory_log.h"
#include "core/loop/loop.h"
#include "core/model/job_json.h"
#include "core/model/tables.h"
#include "projections/lmdb/table_store.h"
#include "projections/memory_table_store.h"
#include "projections/views.h"

namespace orch::bench {
namespace {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Job example() {
  Job job;
  job.id = job.name = "example";
  job.datacenters = {"dc1"};
  TaskGroup group;
  group.name = "cache";
  group.count = 0;
  group.ephemeral_disk.size_mb = 300;
  group.restart = RestartPolicy{.attempts = 2, .interval = minutes(30), .delay = seconds(15), .mode = "fail"};
  group.update = UpdateStrategy{.min_healthy_time = seconds(10),
                                .healthy_deadline = minutes(3),
                                .progress_deadline = minutes(10),
                                .max_parallel = 1,
                                .canary = 0,
                                .auto_revert = false};
  Task task;
  task.name = "redis";
  task.driver = "docker";
  task.config = {{"image", Value(std::string("redis:3.2"))},
                 {"port_map", Value(Value::List{Value(Value::Map{{"db", Value(std::int64_t{6379})}})})}};
  task.resources.cpu = 500;
  task.resources.memory_mb = 256;
  task.resources.networks = {{.mbits = 10, .dynamic_ports = {{.label = "db"}}}};
  Service service;
  service.name = "redis-cache";
  service.port_label = "db";
  service.tags = {"global", "cache"};
  service.checks = {ServiceCheck{.interval = seconds(10), .name = "alive", .timeout = seconds(2), .type = "tcp"}};
  task.services = {service};
  group.tasks = {task};
  job.task_groups = {group};
  return job;
}

struct Part {
  const char* name;
  std::int64_t spent = 0;
  std::int64_t since = 0;
  void begin() { since = now_ns(); }
  void end() { spent += now_ns() - since; }
};

int run(int argc, char** argv) {
  int jobs = 6400;
  std::string folder;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--jobs") == 0) jobs = std::atoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--lmdb") == 0) folder = argv[i + 1];
  }
  std::unique_ptr<TableStore> store = std::make_unique<MemoryTableStore>();
  if (!folder.empty()) {
    auto opened = LmdbTableStore::open(folder, {.log_id = "bench", .boot_id = "bench"});
    if (!opened) return std::fprintf(stderr, "%s\n", opened.error().c_str()), 1;
    store = std::move(*opened);
  }
  MemoryLog log("bench");
  Views views(*store);
  Loop loop(log, views, "bench", {});
  if (auto recovered = loop.recover(); !recovered)
    return std::fprintf(stderr, "%s\n", recovered.error().message.c_str()), 1;
  Job model = example();
  canonicalize(model);
  Part parse{"JSON text to a document"}, read{"document to a job"}, check{"canonical and valid"},
      encode{"job to its record"}, turn{"turn of 64"};
  std::vector<Submission> submissions;
  std::size_t bytes = 0;
  for (int n = 0; n < jobs; ++n) {
    model.id = model.name = "job-" + std::to_string(n);
    const std::string text = "{\"Job\":" + job_to_json(model) + "}";
    parse.begin();
    boost::json::monotonic_resource memory;
    const boost::json::value body = boost::json::parse(text, &memory);
    parse.end();
    read.begin();
    auto job = job_from_json(body.at("Job"));
    read.end();
    if (!job) return std::fprintf(stderr, "%s\n", job.error().c_str()), 1;
    check.begin();
    canonicalize(*job);
    const bool good = validate(*job).empty() && refusals(*job).empty();
    const auto warned = warnings(*job);
    check.end();
    if (!good) return std::fprintf(stderr, "%s\n", error_list(validate(*job)).c_str()), 1;
    encode.begin();
    GroupBuilder group;
    group.register_job(*job, false, 0);
    submissions.push_back({group.finish({.actor = "anonymous", .address = "127.0.0.1", .request_id = "PUT /v1/jobs"}),
                           [](const auto&) {}});
    encode.end();
    bytes += submissions.back().group.size();
    if (submissions.size() < 64) continue;
    turn.begin();
    loop.turn(submissions, {.wall = {1'700'000'000'000'000'000 + n}, .monotonic_ns = n, .monotonic_now = {}});
    turn.end();
  }
  for (const Part& part : {parse, read, check, encode, turn})
    std::printf("%-28s %8.0f ns\n", part.name, static_cast<double>(part.spent) / jobs);
  std::printf("%-28s %8.0f bytes\n", "record", static_cast<double>(bytes) / jobs);
  return 0;
}

}  // namespace
}  // namespace orch::bench

int main(int argc, char** argv) { return orch::bench::run(argc, argv); }
