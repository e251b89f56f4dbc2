// The views beside the state: what queries say, and that a rebuild says the same to the byte.
#include "projections/views.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>

#include "core/model/tables.h"
#include "core/runner/task_states_json.h"
#include "projections/lmdb/store_stamp.h"
#include "projections/lmdb/table_store.h"
#include "projections/memory_table_store.h"
#include "projections/queries.h"
#include "tests/core/cluster.h"

namespace orch::test {
namespace {

/// A cluster whose groups are recorded and folded into views as they are applied.
class Watched {
 public:
  explicit Watched(TableStore& store) : views(store) {}

  void apply(GroupBuilder& group) {
    std::string bytes = group.finish({.actor = "test"});
    stamp(bytes, {1'700'000'000'000'000'000 + cluster.now.ns}, cluster.now, newest_rules);
    log.push_back(bytes);
    orch::apply(cluster.state, log.size(), group_in(bytes_of(bytes)), cluster.outcome);
    views.fold(cluster.state, log.size(), group_in(bytes_of(bytes)), cluster.outcome);
  }
  void run(const Job& job) {
    GroupBuilder group;
    group.register_job(job, false, 0);
    apply(group);
  }
  void node(const std::string& name) {
    Node node;
    node.id = node.name = name;
    node.attributes["driver.mock_driver"] = "1";
    node.resources = {.cpu = 4000,
                      .disk_mb = 102400,
                      .memory_mb = 8192,
                      .networks = {{.device = "lo", .ip = "127.0.0.1", .mbits = 1000}}};
    GroupBuilder group;
    group.register_node(node.id, node);
    apply(group);
  }
  void schedule() {
    while (!cluster.state.pending().empty()) {
      const Plan plan = orch::schedule(cluster.state, cluster.state.pending().begin()->evaluation);
      GroupBuilder group;
      group.add(encode(group.flat(), plan));
      apply(group);
    }
  }
  void report(AllocationNumber n, ClientStatus status, const TaskStates& states) {
    GroupBuilder group;
    auto& b = group.flat();
    const auto numbers = b.CreateVector(std::vector<std::uint32_t>{n.value});
    const auto statuses = b.CreateVector(std::vector<std::uint8_t>{static_cast<std::uint8_t>(status)});
    const auto healths = b.CreateVector(std::vector<std::uint8_t>{1});
    const auto descriptions = b.CreateVectorOfStrings(std::vector<std::string>{""});
    const auto task_states = b.CreateVector(
        std::vector{reported_tasks(b, states.tasks.empty() ? std::string() : encode_task_states(states))});
    group.add(wire::CreateUpdateAllocations(b, cluster.state.allocation(n).node.value, numbers, statuses, healths,
                                            descriptions, task_states));
    apply(group);
  }

  Cluster cluster;
  Views views;
  std::vector<std::string> log;
};

const TaskStates running{{{"t", {.life = TaskLife::running}}}};

void live_a_little(Watched& w, bool flush_often) {
  w.node("n1");
  w.node("n2");
  w.run(rolling(service("web", 3), 1));
  w.schedule();
  if (flush_often) w.views.flush();
  w.report({0}, ClientStatus::running, running);
  w.report({1}, ClientStatus::running, running);
  w.schedule();
  if (flush_often) w.views.flush();
  w.run(service("other", 1));
  w.schedule();
  GroupBuilder stop;
  stop.deregister_job("web", false);
  w.apply(stop);
  w.schedule();
  w.views.flush();
}

std::string everything(const TableStore& store) {
  const Queries q(store, "test");
  std::string all =
      q.jobs("").json + q.nodes("").json + q.allocations("").json + q.evaluations("").json + q.deployments("").json;
  for (const char* node : {"n1", "n2"}) all += q.node_allocations(node).json;
  for (std::uint32_t n = 0; n < 4; ++n) all += q.object(Queries::Context::allocations, n);
  return all;
}

}  // namespace

TEST_CASE("queries say what the state says") {
  MemoryTableStore store;
  Watched w(store);
  live_a_little(w, true);
  const Queries q(store, "test");
  CHECK(q.applied() == w.cluster.state.index());
  const std::string id = q.id_of(Queries::Context::allocations, 0);
  const auto found = q.allocation(id);
  REQUIRE(found);
  CHECK(found->json.find("\"Name\":\"web.g[0]\"") != std::string::npos);
  CHECK(found->json.find("\"ClientStatus\":\"running\"") != std::string::npos);
  CHECK(found->json.find("\"DesiredStatus\":\"stop\"") != std::string::npos);
  CHECK(found->json.find("\"DesiredDescription\":\"alloc not needed due to job update\"") != std::string::npos);
  CHECK(found->json.find("\"TaskStates\":" + task_states_json(running.tasks)) != std::string::npos);
  CHECK(q.allocation("00000000-0000-0000-0000-000000000000") == std::nullopt);
  CHECK(q.jobs("oth").json.find("\"ID\":\"web\"") == std::string::npos);
  CHECK(q.search(Queries::Context::allocations, id.substr(0, 8)).ids == std::vector<std::string>{id});
  CHECK(q.search(Queries::Context::allocations, id.substr(0, 2)).ids.size() >= 1);
  CHECK(q.job("nosuch") == std::nullopt);
}

TEST_CASE("rows do not depend on when they were flushed, and a rebuild gives the same bytes") {
  MemoryTableStore often, once, rebuilt;
  Watched a(often), b(once);
  live_a_little(a, true);
  live_a_little(b, false);
  CHECK(everything(often) == everything(once));
  State state("test");
  Outcome outcome;
  Views views(rebuilt);
  for (std::size_t i = 0; i < a.log.size(); ++i) {
    apply(state, i + 1, group_in(bytes_of(a.log[i])), outcome);
    views.fold(state, i + 1, group_in(bytes_of(a.log[i])), outcome);
  }
  views.flush();
  CHECK(everything(rebuilt) == everything(often));
}

TEST_CASE(
    "what happened to a node and its services is told from one version to the next, also by a fold that begins anew") {
  const auto live = [](Watched& w, bool anew) {
    const auto next = [&] {
      w.views.flush();
      if (anew) w.views.discard();
    };
    const auto register_node = [&](bool healthy, const std::string& description) {
      Node node;
      node.id = node.name = "n1";
      node.drivers["docker"] = {
          .attributes = {}, .detected = true, .health_description = description, .healthy = healthy};
      GroupBuilder group;
      group.register_node(node.id, node);
      w.apply(group);
      next();
    };
    const auto status = [&](NodeStatus to) {
      GroupBuilder group;
      const auto id = group.flat().CreateString("n1");
      group.add(wire::CreateSetNodeStatus(group.flat(), id, static_cast<std::uint8_t>(to)));
      w.apply(group);
      next();
    };
    const auto services = [&](const std::vector<RunningService>& told) {
      GroupBuilder group;
      const auto list = write_services(group.flat(), told);
      group.add(wire::CreateUpdateServices(group.flat(), 0, list));
      w.apply(group);
      next();
    };
    register_node(true, "Driver is available and responsive");
    services(
        {{.id = "a", .service_name = "web", .tags = {"x"}, .status = "critical"}, {.id = "b", .service_name = "db"}});
    register_node(false, "Failed to connect to docker daemon");
    services(
        {{.id = "a", .service_name = "web", .tags = {"x"}, .status = "passing"}, {.id = "b", .service_name = "db"}});
    status(NodeStatus::down);
  };
  MemoryTableStore one, other;
  Watched a(one), b(other);
  live(a, false);
  live(b, true);
  const Queries q(one, "test"), p(other, "test");
  const std::string node = q.node("n1")->json;
  CHECK(node == p.node("n1")->json);
  std::size_t at = 0;
  for (const char* part :
       {"\"Message\":\"Node registered\",\"Subsystem\":\"Cluster\"",
        "\"CreateIndex\":3,\"Details\":{\"driver\":\"docker\"},\"Message\":\"Failed to connect to docker "
        "daemon\",\"Subsystem\":\"Driver\"",
        "\"CreateIndex\":5,\"Details\":null,\"Message\":\"Node heartbeat missed\",\"Subsystem\":\"Cluster\""}) {
    CAPTURE(part);
    at = node.find(part, at);
    CHECK(at != std::string::npos);
  }
  // A node that is down sends nobody to its tasks.
  CHECK(q.services().json == "[]");
  CHECK(q.services().index == 5);
  CHECK(q.service("web").json == "[]");

  for (Watched* w : {&a, &b}) {
    GroupBuilder group;
    const auto id = group.flat().CreateString("n1");
    group.add(wire::CreateSetNodeStatus(group.flat(), id, static_cast<std::uint8_t>(NodeStatus::ready)));
    w->apply(group);
    w->views.flush();
  }
  const Queries q2(one, "test"), p2(other, "test");
  const std::string unsaid =
      R"("Namespace":"","NodeID":"","Datacenter":"","JobID":"","AllocID":"","TaskName":"","Address":"","Port":0,)";
  CHECK(q2.service("web").json ==
        R"([{"ID":"a","ServiceName":"web",)" + unsaid +
            R"("Tags":["x"],"Checks":[],"Status":"passing","CreateIndex":2,"ModifyIndex":4}])");
  CHECK(q2.service("db").json == R"([{"ID":"b","ServiceName":"db",)" + unsaid +
                                     R"("Tags":[],"Checks":[],"Status":"","CreateIndex":2,"ModifyIndex":2}])");
  CHECK(p2.service("web").json == q2.service("web").json);
  CHECK(q2.services().json ==
        R"([{"Namespace":"default","Services":[{"ServiceName":"db","Tags":[]},{"ServiceName":"web","Tags":["x"]}]}])");
  CHECK(q2.node("n1")->json == p2.node("n1")->json);
  CHECK(q2.node("n1")->json.find("\"Message\":\"Node reregistered by heartbeat\"") != std::string::npos);
}

TEST_CASE("a node client is told what the servers changed, and nothing twice") {
  MemoryTableStore store;
  Watched w(store);
  w.node("n1");
  w.run(service("web", 2));
  w.schedule();
  w.views.flush();
  const NodeNumber node = w.cluster.state.find_node("n1");
  const auto first = Queries(store, "test").node_changes(node, 0);
  REQUIRE(first.changes.size() == 2);
  CHECK(first.index == w.cluster.state.index());
  CHECK(first.changes[0].desired == static_cast<std::uint8_t>(DesiredStatus::run));

  w.report({0}, ClientStatus::running, {});  // its own news: not told
  w.views.flush();
  const auto quiet = Queries(store, "test").node_changes(node, first.index);
  CHECK(quiet.changes.empty());

  GroupBuilder stop;
  stop.deregister_job("web", false);
  w.apply(stop);
  w.schedule();
  w.views.flush();
  const auto stopped = Queries(store, "test").node_changes(node, first.index);
  REQUIRE(stopped.changes.size() == 2);
  CHECK(stopped.index == w.cluster.state.index());
  CHECK(stopped.changes[1].desired == static_cast<std::uint8_t>(DesiredStatus::stop));
  const auto all = Queries(store, "test").node_changes(node, 0);
  REQUIRE(all.changes.size() == 2);
  CHECK(all.changes[0].desired == static_cast<std::uint8_t>(DesiredStatus::stop));
}

TEST_CASE("objects as they were at an index") {
  MemoryTableStore store;
  Watched w(store);
  live_a_little(w, true);
  Queries q(store, "test");
  std::vector<LogIndex> seen;
  q.events(1, [&](LogIndex index, const std::vector<Queries::Happened>&) {
    seen.push_back(index);
    return true;
  });
  CHECK(seen.front() == 1);
  q.as_of(4);  // placed, nothing reported yet
  CHECK(q.object(Queries::Context::allocations, 0).find("\"ClientStatus\":\"pending\"") != std::string::npos);
  q.as_of(w.cluster.state.index());
  CHECK(q.object(Queries::Context::allocations, 0).find("\"ClientStatus\":\"running\"") != std::string::npos);
}

TEST_CASE("LMDB tables: kept by a clean close, not trusted after another boot") {
  std::string pattern = (std::filesystem::temp_directory_path() / "orch-views-XXXXXX").string();
  const std::string folder = mkdtemp(pattern.data());
  std::string before;
  {
    auto store = LmdbTableStore::open(folder, {.log_id = "log", .boot_id = "boot1"});
    REQUIRE(store);
    Watched w(**store);
    live_a_little(w, true);
    before = everything(**store);
    MemoryTableStore memory;
    Watched m(memory);
    live_a_little(m, true);
    CHECK(before == everything(memory));
  }
  {
    auto store = LmdbTableStore::open(folder, {.log_id = "log", .boot_id = "boot2"});
    REQUIRE(store);
    CHECK(everything(**store) == before);
    static LmdbTableStore* never_closed = nullptr;  // as a power loss would leave it; known to leak checkers
    never_closed = store->release();
    CHECK(never_closed != nullptr);
  }
  std::filesystem::copy(folder, folder + "-copy");
  {
    auto store = LmdbTableStore::open(folder + "-copy", {.log_id = "log", .boot_id = "boot3"});
    REQUIRE(store);
    CHECK((*store)->snapshot()->applied() == 0);
  }
  {
    auto store = LmdbTableStore::open(folder + "-copy", {.log_id = "another log", .boot_id = "boot3"});
    REQUIRE(store);
    CHECK((*store)->snapshot()->applied() == 0);
  }
  std::filesystem::remove_all(folder);
  std::filesystem::remove_all(folder + "-copy");
}

TEST_CASE("LMDB tables that are cut off are made anew, in the same boot and after another") {
  std::string pattern = (std::filesystem::temp_directory_path() / "orch-views-XXXXXX").string();
  const std::string folder = mkdtemp(pattern.data());
  const auto open = [](const std::string& at, const std::string& boot) {
    return LmdbTableStore::open(at, {.log_id = "log", .boot_id = boot});
  };
  {
    auto store = open(folder, "boot1");
    REQUIRE(store);
    Watched w(**store);
    live_a_little(w, true);
  }
  const std::string closed = folder + "-closed", killed = folder + "-killed", cut = folder + "-cut";
  std::filesystem::copy(folder, closed);
  {
    auto store = open(folder, "boot1");
    REQUIRE(store);
    std::filesystem::copy(folder, killed);  // as kill -9 would leave it
  }
  const auto whole = std::filesystem::file_size(killed + "/data.mdb");
  for (const std::string& from : {closed, killed}) {
    for (const char* boot : {"boot1", "boot2"}) {
      for (const auto length : {std::uintmax_t{0}, std::uintmax_t{4096}, std::uintmax_t{8192}, std::uintmax_t{12288},
                                whole / 2, whole - 4096, whole}) {
        std::filesystem::remove_all(cut);
        std::filesystem::copy(from, cut);
        std::filesystem::resize_file(cut + "/data.mdb", length);
        auto store = open(cut, boot);
        REQUIRE(store);
        const bool trusted = length == whole && (from == closed || std::string(boot) == "boot1");
        CHECK(((*store)->snapshot()->applied() != 0) == trusted);
        Watched w(**store);  // what is gone can be folded again
        live_a_little(w, true);
      }
    }
  }
  for (const std::string& each : {folder, closed, killed, cut}) std::filesystem::remove_all(each);
}

TEST_CASE("LMDB tables: the stamp says that they are open before anything is written, and that they are closed after") {
  std::string pattern = (std::filesystem::temp_directory_path() / "orch-views-XXXXXX").string();
  const std::string folder = mkdtemp(pattern.data());
  for (const char* boot : {"boot1", "boot2"}) {
    auto store = LmdbTableStore::open(folder, {.log_id = "log", .boot_id = boot});
    REQUIRE(store);
    CHECK(read_stamp(folder)->boot_id == boot);
    store->reset();
    CHECK(read_stamp(folder)->boot_id == StoreStamp::closed);
    CHECK(read_stamp(folder)->file_bytes == std::filesystem::file_size(folder + "/data.mdb"));
  }
  std::filesystem::remove_all(folder);
}

}  // namespace orch::test
