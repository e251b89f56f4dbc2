// What placing and running allocations costs, part by part, without HTTP: the real loop, scheduler, reducer, LMDB log
// and LMDB views in one thread. Prints nanoseconds per allocation for each part, and what memory they leave behind.
//
// placement_loop [--nodes N] [--jobs N] [--count N] [--reports N: allocations reported in one record group]
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/jobspec/canonicalize.h"
#include "core/loop/loop.h"
#include "core/model/tables.h"
#include "drivers/log/lmdb/lmdb_log.h"
#include "projections/lmdb/table_store.h"
#include "projections/queries.h"
#include "projections/views.h"

namespace orch::bench {
namespace {

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Of this process: what a part costs, whatever else the machine does.
double cpu_s() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

double megabytes(const char* field) {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with(field)) return std::atof(line.c_str() + std::string(field).size() + 1) / 1024;
  }
  return 0;
}

/// Passes everything on and counts the time that it takes.
class TimedLog final : public Log {
 public:
  explicit TimedLog(Log& log) : log_(log) {}
  const std::string& id() const override { return log_.id(); }
  LogIndex head() const override { return log_.head(); }
  LogIndex oldest() const override { return log_.oldest(); }
  std::expected<LogIndex, LogError> append(std::span<const Bytes> groups) override {
    for (Bytes group : groups) bytes += static_cast<double>(group.size());
    ++appends;
    const double start = cpu_s();
    auto answer = log_.append(groups);
    spent += cpu_s() - start;
    return answer;
  }
  std::expected<void, LogError> read(LogIndex from, const Visitor& visit) const override {
    return log_.read(from, visit);
  }
  bool wait(LogIndex after, Duration timeout) const override { return log_.wait(after, timeout); }

  double spent = 0, bytes = 0, appends = 0;

 private:
  Log& log_;
};

class TimedViews final : public ProjectionPort {
 public:
  explicit TimedViews(Views& views) : views_(views) {}
  void fold(const State& state, LogIndex index, const wire::Group& group, const Outcome& outcome) override {
    const double start = cpu_s();
    views_.fold(state, index, group, outcome);
    folding += cpu_s() - start;
  }
  bool flush() override {
    const double start = cpu_s();
    const bool flushed = views_.flush();
    flushing += cpu_s() - start;
    return flushed;
  }
  void discard() override { views_.discard(); }

  double folding = 0, flushing = 0;

 private:
  Views& views_;
};

struct Options {
  int nodes = 5000, jobs = 1000, count = 1000, reports = 200;
};

std::string node_group(int i) {
  Node node;
  char id[40];
  std::snprintf(id, sizeof id, "%08x-0000-4000-8000-000000000000", static_cast<unsigned>(i));
  node.id = id;
  node.name = "node-" + std::to_string(i);
  node.node_class = "c" + std::to_string(i % 3);
  node.attributes["driver.mock_driver"] = "1";
  node.attributes["kernel.name"] = "linux";
  node.resources = {
      .cpu = 16000, .disk_mb = 1'000'000, .memory_mb = 32 * 1024, .networks = {{.ip = "10.0.0.1", .mbits = 1000}}};
  GroupBuilder group;
  group.register_node(node.id, node);
  return group.finish({.actor = "node"});
}

std::string job_group(int i, int count) {
  Job job;
  job.id = job.name = "job-" + std::to_string(i);
  job.type = "service";
  job.datacenters = {"dc1"};
  Constraint of_class;
  of_class.l_target = "${node.class}";
  of_class.operand = "=";
  of_class.r_target = "c" + std::to_string(i % 3);
  job.constraints.push_back(of_class);
  TaskGroup group;
  group.name = "g";
  group.count = count;
  group.ephemeral_disk.size_mb = 10;
  Task task;
  task.name = "t";
  task.driver = "mock_driver";
  task.resources.cpu = 20;
  task.resources.memory_mb = 15;
  group.tasks.push_back(task);
  job.task_groups.push_back(group);
  canonicalize(job);
  GroupBuilder made;
  made.register_job(job, false, 0);
  return made.finish({.actor = "bench"});
}

// What a node tells when its tasks run.
std::string report_group(const State& state, NodeNumber node, std::size_t from, std::size_t count) {
  const auto& all = state.node(node).allocations;
  std::vector<std::uint32_t> numbers;
  for (std::size_t i = from; i < std::min(from + count, all.size()); ++i) numbers.push_back(all[i].value);
  GroupBuilder group;
  auto& b = group.flat();
  const auto allocations = b.CreateVector(numbers);
  const auto statuses = b.CreateVector(std::vector<std::uint8_t>(numbers.size(), 1));
  static const std::string running =
      encode_task_states({{{"t", {.life = TaskLife::running, .started_at = {1'767'225'600'000'000'000}}}}});
  std::vector<flatbuffers::Offset<wire::ReportedTasks>> each;
  for (std::size_t i = 0; i < numbers.size(); ++i) each.push_back(reported_tasks(b, running));
  const auto states = b.CreateVector(each);
  group.add(wire::CreateUpdateAllocations(b, node.value, allocations, statuses, 0, 0, states));
  return group.finish({.actor = "node"});
}

void run(const Options& o) {
  const auto folder = std::filesystem::temp_directory_path() / ("orch-placement-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  auto log = LmdbLog::open(folder / "log", {});
  auto store = LmdbTableStore::open(folder / "views", {.log_id = (*log)->id(), .boot_id = "bench"});
  TimedLog timed_log(**log);
  Views views(**store);
  TimedViews timed_views(views);
  Loop loop(timed_log, timed_views, (*log)->id(), {.server_name = "bench"});
  (void)loop.recover();

  auto monotonic = [] { return static_cast<std::int64_t>(now_s() * 1e9); };
  auto turns = [&](std::vector<Submission>& submissions) {
    for (bool more = true; more;)
      more = loop.turn(submissions, {.wall = {1}, .monotonic_ns = monotonic(), .monotonic_now = monotonic});
  };
  auto phase = [&](const char* name, double amount, auto&& work) {
    timed_log.spent = timed_log.bytes = timed_log.appends = timed_views.folding = timed_views.flushing = 0;
    const double start = now_s(), cpu_start = cpu_s();
    work();
    const double all = now_s() - start, cpu = cpu_s() - cpu_start, ns = 1e9 / amount;
    std::printf(
        "%-10s %8.3f s  %9.0f/s  ns of CPU each: %7.1f all  %7.1f decide+apply  %7.1f append  %7.1f fold  %7.1f flush  "
        "%6.1f B of log  %4.0f appends  RssAnon %5.0f MiB\n",
        name, all, amount / all, cpu * ns, (cpu - timed_log.spent - timed_views.folding - timed_views.flushing) * ns,
        timed_log.spent * ns, timed_views.folding * ns, timed_views.flushing * ns, timed_log.bytes / amount,
        timed_log.appends, megabytes("RssAnon:"));
    std::fflush(stdout);
  };

  std::vector<Submission> submissions;
  phase("nodes", o.nodes, [&] {
    for (int i = 0; i < o.nodes; ++i) submissions.push_back({node_group(i), {}});
    turns(submissions);
  });
  const double total = static_cast<double>(o.jobs) * o.count;
  phase("placed", total, [&] {
    for (int i = 0; i < o.jobs; ++i) {
      submissions.push_back({job_group(i, o.count), {}});
      if (submissions.size() == 64) turns(submissions);
    }
    turns(submissions);
  });
  std::printf("%zu allocations\n", loop.state().allocations().size());
  phase("reported", total, [&] {
    for (std::uint32_t n = 0; n < loop.state().nodes().size(); ++n) {
      for (std::size_t from = 0; from < loop.state().node(NodeNumber{n}).allocations.size();
           from += static_cast<std::size_t>(o.reports)) {
        submissions.push_back(
            {report_group(loop.state(), NodeNumber{n}, from, static_cast<std::size_t>(o.reports)), {}, true});
      }
      if (submissions.size() >= 50) turns(submissions);
    }
    turns(submissions);
  });
  phase("replayed", 2 * total, [&] {
    State again(loop.state().cluster_id());
    Outcome outcome;
    (void)(*log)->read(1, [&](LogIndex index, Bytes bytes) {
      apply(again, index, group_in(bytes), outcome);
      return true;
    });
    std::printf("hash %016lx %s\n", again.hash(), again.hash() == loop.state().hash() ? "equal" : "DIFFERENT");
  });
  std::error_code error;
  std::printf("views file %.0f MiB, log file %.0f MiB\n",
              static_cast<double>(std::filesystem::file_size(folder / "views/data.mdb", error)) / 1048576,
              static_cast<double>(std::filesystem::file_size(folder / "log/data.mdb", error)) / 1048576);
  std::filesystem::remove_all(folder, error);
}

}  // namespace
}  // namespace orch::bench

int main(int argc, char** argv) {
  orch::bench::Options o;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const int value = std::atoi(argv[i + 1]);
    if (name == "--nodes") o.nodes = value;
    if (name == "--jobs") o.jobs = value;
    if (name == "--count") o.count = value;
    if (name == "--reports") o.reports = value;
  }
  orch::bench::run(o);
}
