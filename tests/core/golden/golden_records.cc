// Golden records: groups as an earlier build wrote them, and what they must fold to for ever.
//
//   golden_records check FOLDER    the test: each file is a well-formed group, and folding them in order gives the
//                                  outcomes, events and state hashes of FOLDER/expected.txt
//   golden_records expect FOLDER   writes expected.txt anew; only while the version is not released
//   golden_records make FOLDER     writes the groups themselves; once per version of the schema
//   golden_records add FOLDER      writes groups of a command that came later behind those that are there
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/core/cluster.h"

using namespace orch;
using namespace orch::test;

namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string name_of(EventKind kind) {
  static constexpr const char* names[] = {"job_registered",     "job_deregistered",   "job_changed",
                                          "node_registered",    "node_changed",       "evaluation_changed",
                                          "deployment_changed", "allocations_placed", "allocation_desired",
                                          "allocation_client",  "services_changed",   "allocation_health"};
  return names[static_cast<std::size_t>(kind)];
}

std::string name_of(wire::Command command) {
  std::string name;
  for (const char* c = wire::EnumNameCommand(command); *c != 0; ++c) {
    if (*c >= 'A' && *c <= 'Z' && !name.empty()) name += '_';
    name += *c >= 'A' && *c <= 'Z' ? static_cast<char>(*c - 'A' + 'a') : *c;
  }
  return name;
}

std::vector<std::filesystem::path> files_of(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".group") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// What folding the files comes to, as text: a paragraph per group.
std::string folded(const std::vector<std::filesystem::path>& files, std::string& problems) {
  State state("0123456789abcdef0123456789abcdef");
  Outcome outcome;
  std::string text;
  for (const auto& path : files) {
    const std::string group = content_of(path);
    if (!verify(bytes_of(group))) {
      problems += path.filename().string() + " is not a well-formed group\n";
      continue;
    }
    apply(state, state.index() + 1, group_in(bytes_of(group)), outcome);
    char hash[17];
    std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(state.hash()));
    text += path.filename().string() + ": " + hash + "\n";
    for (const CommandOutcome& c : outcome.commands) {
      text += "  " + (c.refusal.empty() ? std::string("accepted") : "refused: " + c.refusal) +
              (c.repeated ? ", a repeat" : "");
      if (c.evaluation) text += ", evaluation " + std::to_string(c.evaluation.value);
      if (c.job_modify_index != 0) text += ", job modify index " + std::to_string(c.job_modify_index);
      if (c.refused_placements != 0) text += ", " + std::to_string(c.refused_placements) + " parts refused";
      text += "\n";
    }
    for (const Event& e : outcome.events) {
      text += "  " + name_of(e.kind) + " " + std::to_string(e.number) + " x" + std::to_string(e.count) +
              " by command " + std::to_string(e.command) + " row " + std::to_string(e.row) + "\n";
    }
  }
  return text;
}

int check(const std::string& folder) {
  const auto files = files_of(folder);
  std::string problems;
  const std::string expected = content_of(folder + "/expected.txt"), found = folded(files, problems);
  if (found != expected) {
    problems +=
        "the records fold to something else than " + folder + "/expected.txt says; what they fold to now:\n" + found;
  }
  std::set<wire::Command> seen;
  for (const auto& path : files) {
    const std::string bytes = content_of(path);
    if (!verify(bytes_of(bytes))) continue;
    const wire::Group& group = group_in(bytes_of(bytes));
    for (std::uint32_t i = 0; i < command_count(group); ++i) seen.insert(command_in(group, i).type);
  }
  for (const wire::Command c : wire::EnumValuesCommand()) {
    if (c != wire::Command::NONE && !seen.contains(c)) problems += "no golden record of " + name_of(c) + "\n";
  }
  std::fputs(problems.c_str(), stdout);
  std::printf("%zu golden records of %zu kinds of command: %s\n", files.size(), seen.size(),
              problems.empty() ? "as ever" : "DIFFERENT");
  return problems.empty() ? 0 : 1;
}

int expect(const std::string& folder) {
  std::string problems;
  std::ofstream(folder + "/expected.txt", std::ios::binary) << folded(files_of(folder), problems);
  std::fputs(problems.c_str(), stdout);
  return problems.empty() ? 0 : 1;
}

/// Lives through one command of each kind and more, and keeps the groups.
class Recorder {
 public:
  explicit Recorder(std::string folder) : folder_(std::move(folder)) {}

  void record(GroupBuilder& group, const GroupHeader& header = {
                                       .actor = "somebody", .address = "127.0.0.1", .request_id = "PUT /v1/golden"}) {
    now_ = now_ + seconds(1);
    std::string bytes = group.finish(header);
    stamp(bytes, {1'700'000'000'000'000'000 + now_.ns}, now_, 1);
    const wire::Group& made = group_in(bytes_of(bytes));
    apply(state, state.index() + 1, made, outcome_);
    char number[8];
    std::snprintf(number, sizeof number, "%03u", static_cast<unsigned>(state.index()));
    const auto name = std::string(number) + "-" + name_of(command_in(made, 0).type) + ".group";
    std::ofstream(folder_ + "/" + name, std::ios::binary) << bytes;
  }
  /// A group that was recorded before.
  void take(const std::string& bytes) {
    const wire::Group& group = group_in(bytes_of(bytes));
    now_ = {group.stamp()->elapsed_ns()};
    apply(state, state.index() + 1, group, outcome_);
  }
  void plan_all() {
    while (!state.pending().empty()) {
      const Plan plan = schedule(state, state.pending().begin()->evaluation);
      GroupBuilder group;
      group.add(encode(group.flat(), plan));
      record(group, {.actor = "orch.global"});
    }
  }
  void report(const std::vector<std::uint32_t>& allocations, ClientStatus status, Health health) {
    GroupBuilder group;
    auto& b = group.flat();
    const auto numbers = b.CreateVector(allocations);
    const auto statuses =
        b.CreateVector(std::vector<std::uint8_t>(allocations.size(), static_cast<std::uint8_t>(status)));
    const auto healths =
        b.CreateVector(std::vector<std::uint8_t>(allocations.size(), static_cast<std::uint8_t>(health)));
    const auto descriptions =
        b.CreateVectorOfStrings(std::vector<std::string>(allocations.size(), "No tasks have failed"));
    TaskState running{.life = TaskLife::running, .started_at = {1'700'000'000'000'000'000}};
    running.events.push_back({.type = "Driver",
                              .time = {1'700'000'000'000'000'000},
                              .details = {{"driver_message", "Downloading image redis:3.2"}},
                              .driver_message = "Downloading image redis:3.2"});
    const std::string told = encode_task_states({{{"t", running}}});
    std::vector<flatbuffers::Offset<wire::ReportedTasks>> each;
    for (std::size_t i = 0; i < allocations.size(); ++i) each.push_back(reported_tasks(b, told));
    const auto states = b.CreateVector(each);
    const std::uint32_t node = state.allocation(AllocationNumber{allocations.front()}).node.value;
    group.add(wire::CreateUpdateAllocations(b, node, numbers, statuses, healths, descriptions, states));
    record(group, {.actor = "node"});
  }

  State state{"0123456789abcdef0123456789abcdef"};

 private:
  std::string folder_;
  Outcome outcome_;
  Elapsed now_;
};

/// Health that people set, of another deployment's allocation, a well one and an ill one.
void by_hand(Recorder& r) {
  {
    GroupBuilder group;
    group.register_job(rolling(service("by-hand", 2), 2), false, 0);
    r.record(group);
  }
  r.plan_all();
  const auto end = static_cast<std::uint32_t>(r.state.allocations().size());
  const std::vector<std::uint32_t> told[][2] = {{{0}, {}}, {{end - 2}, {}}, {{}, {end - 1}}};
  for (const auto& [healthy, unhealthy] : told) {
    GroupBuilder group;
    auto& b = group.flat();
    const auto well = b.CreateVector(healthy), ill = b.CreateVector(unhealthy);
    group.add(wire::CreateSetAllocationHealth(b, r.state.job(r.state.find_job("by-hand")).deployment.value, well, ill));
    r.record(group);
  }
}

/// Goes on from the groups that are there, for a command that came later: those that are there stay as they are.
int add(const std::string& folder) {
  Recorder r(folder);
  for (const auto& path : files_of(folder)) r.take(content_of(path));
  by_hand(r);
  return expect(folder);
}

int make(const std::string& folder) {
  std::filesystem::create_directories(folder);
  Recorder r(folder);
  for (const char* id : {"11111111-0000-4000-8000-000000000000", "22222222-0000-4000-8000-000000000000"}) {
    Node node;
    node.id = id;
    node.name = std::string("n") + id[0];
    node.node_class = "golden";
    node.attributes = {{"driver.mock_driver", "1"}, {"kernel.name", "linux"}};
    node.meta = {{"rack", "r1"}};
    node.resources = {.cpu = 1000,
                      .disk_mb = 10240,
                      .memory_mb = 2048,
                      .networks = {{.device = "lo", .ip = "127.0.0.1", .mbits = 1000}}};
    GroupBuilder group;
    group.register_node(id, node);
    r.record(group, {.actor = "node"});
  }
  Job web = rolling(service("web", 2), 1);
  web.meta["owner"] = "golden";
  web.task_groups[0].tasks[0].config["image"] = Value("redis:3.2");
  web.task_groups[0].tasks[0].resources.networks.push_back(
      {.mbits = 10, .dynamic_ports = {{.label = "db"}}, .reserved_ports = {{.label = "admin", .value = 8000}}});
  auto put = [&](const Job& job, bool enforce, LogIndex index, const std::string& key) {
    GroupBuilder group;
    group.register_job(job, enforce, index);
    r.record(group,
             {.actor = "somebody", .address = "127.0.0.1", .idempotency_key = key, .request_id = "PUT /v1/jobs"});
  };
  put(web, true, 0, "key-1");
  r.plan_all();
  put(web, true, 0, "key-1");     // a repeat
  put(web, true, 99, "key-2");    // refused
  r.report({0}, ClientStatus::running, Health::healthy);
  r.report({1}, ClientStatus::running, Health::healthy);
  r.plan_all();
  {
    GroupBuilder group;
    auto& b = group.flat();
    const auto services = write_services(
        b, {{.id = "_orch-task-web", .service_name = "web", .port = 20000, .tags = {"golden"}, .status = "passing"}});
    group.add(wire::CreateUpdateServices(b, 0, services));
    r.record(group, {.actor = "node"});
  }
  web.task_groups[0].tasks[0].config["image"] = Value("redis:4.0");
  put(web, false, 0, "key-3");
  r.plan_all();
  for (const DeploymentAction action : {DeploymentAction::pause, DeploymentAction::resume, DeploymentAction::fail}) {
    GroupBuilder group;
    group.add(wire::CreateSetDeploymentStatus(group.flat(), r.state.job(r.state.find_job("web")).deployment.value,
                                              static_cast<std::uint8_t>(action)));
    r.record(group);
  }
  r.plan_all();
  put(service("greedy", 40), false, 0, "");  // more than there is room for
  r.plan_all();
  for (const bool eligible : {false, true}) {
    GroupBuilder group;
    auto& b = group.flat();
    group.add(wire::CreateSetNodeEligibility(b, b.CreateString("11111111-0000-4000-8000-000000000000"), eligible));
    r.record(group);
  }
  r.plan_all();
  r.report({3}, ClientStatus::failed, Health::unset);
  for (int i = 0; i < 6; ++i) {
    GroupBuilder group;
    group.tick("orch.global");
    r.record(group, {.actor = "orch.global"});
  }
  r.plan_all();
  for (const NodeStatus status : {NodeStatus::down, NodeStatus::ready}) {
    GroupBuilder group;
    group.set_node_status("22222222-0000-4000-8000-000000000000", status);
    r.record(group, {.actor = "orch.global"});
    r.plan_all();
  }
  {
    GroupBuilder group;
    auto& b = group.flat();
    group.add(wire::CreateEvaluateJob(b, b.CreateString("web")));
    r.record(group);
  }
  r.plan_all();
  {
    GroupBuilder group;
    group.deregister_job("greedy", true);
    group.deregister_job("web", false);
    r.record(group);
  }
  r.plan_all();
  {
    GroupBuilder group;
    group.add(wire::CreateRaiseRules(group.flat(), 1));
    r.record(group, {.actor = "orch.global"});
  }
  by_hand(r);
  return expect(folder);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc == 3 ? argv[1] : "";
  if (what == "check") return check(argv[2]);
  if (what == "expect") return expect(argv[2]);
  if (what == "make") return make(argv[2]);
  if (what == "add") return add(argv[2]);
  std::fprintf(stderr, "usage: golden_records check|expect|make|add FOLDER\n");
  return 2;
}
