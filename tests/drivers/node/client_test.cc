#include "drivers/node/client.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "tests/drivers/node/fake_driver.h"
#include "tests/drivers/node/fake_server.h"
#include "tests/drivers/node/temp_folder.h"

using namespace orch;
using namespace orch::client;
using test::FakeServer;
namespace json = boost::json;

namespace {

const std::string id = "ed5d7c08-3cf8-4bd4-6007-a5f2b0938262";

struct Machine {
  test::TempFolder folder;
  test::FakeDriver driver;
  FakeServer server;

  std::unique_ptr<Client> client() {
    ClientOptions options;
    options.data_dir = folder.path() + "/client";
    options.node.network_interface = "lo";
    options.driver_check_every = milliseconds(50);
    options.report_pause = milliseconds(20);
    auto made = std::make_unique<Client>(options, std::vector<TaskDriver*>{&driver},
                                         std::make_unique<test::FakeServerApi>(server));
    REQUIRE(made->start());
    return made;
  }
  bool wait(const std::function<bool()>& good) {
    for (int i = 0; i < 4000; ++i) {
      if (good()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  std::string alloc_path() const { return folder.path() + "/client/alloc/" + id; }
  /// Types of the task's events as last told.
  std::string events() {
    std::lock_guard lock(server.mutex);
    std::string all;
    if (const auto* states = server.told[id].if_contains("TaskStates"); states != nullptr && states->is_object()) {
      if (const auto* events = states->at("t").as_object().if_contains("Events");
          events != nullptr && events->is_array()) {
        for (const auto& event : events->get_array()) all += std::string(event.at("Type").as_string()) + ";";
      }
    }
    return all;
  }
};

json::object service_job_group() {
  return {{"RestartPolicy",
           json::object{{"Attempts", 2}, {"Interval", 60000000000}, {"Delay", 1000000}, {"Mode", "fail"}}}};
}

}  // namespace

TEST_CASE("an allocation runs from pending to complete, and the servers are told") {
  Machine m;
  auto client = m.client();
  CHECK(m.server.wait_until([&] { return m.server.registrations == 1 && m.server.heartbeats >= 2; }));
  m.server.put(FakeServer::allocation(id, 2));
  REQUIRE(m.server.wait_for_status(id, "running"));
  const auto tasks = m.driver.tasks();
  REQUIRE(tasks.size() == 1);
  const TaskConfig& config = tasks.at("h1").config;
  CHECK(config.task_name == "t");
  CHECK(config.memory_mb == 256);
  REQUIRE(config.ports.size() == 1);
  CHECK(config.ports[0].value == 24062);
  CHECK(config.stdout_path == m.alloc_path() + "/alloc/logs/t.stdout.0");
  CHECK(std::filesystem::exists(m.alloc_path() + "/t/secrets"));
  CHECK(client->find_allocation(id)->tasks == std::vector<std::string>{"t"});
  CHECK(client->allocation_stats(id, "")->at("t").memory_rss == 1234);
  CHECK_FALSE(client->is_finished(id));

  m.driver.end_task("h1", 0);
  REQUIRE(m.server.wait_for_status(id, "complete"));
  CHECK(m.wait([&] { return m.driver.tasks().at("h1").destroyed; }));
  CHECK(client->is_finished(id));
  CHECK(std::filesystem::exists(m.alloc_path() + "/alloc/logs/t.stdout.0"));

  m.server.drop(id);
  CHECK(m.wait([&] { return !std::filesystem::exists(m.alloc_path()); }));
  CHECK(client->find_allocation(id).error().status == 404);
}

TEST_CASE("one allocation after the other reaches the driver") {
  Machine m;
  auto client = m.client();
  CHECK(m.server.wait_until([&] { return m.server.registrations == 1; }));
  for (int i = 0; i < 20; ++i) {
    const std::string one = "ed5d7c08-3cf8-4bd4-6007-a5f2b09380" + std::to_string(10 + i);
    m.server.put(FakeServer::allocation(one, 2));
    REQUIRE(m.server.wait_for_status(one, "running"));
    CHECK(m.driver.started_at() >= m.server.put_at);
  }
}

TEST_CASE("a stop ends the task, also one that never started") {
  Machine m;
  auto client = m.client();
  m.server.put(FakeServer::allocation(id, 2));
  REQUIRE(m.server.wait_for_status(id, "running"));
  m.server.edit(id, [](json::object& a) { a["DesiredStatus"] = "stop"; });
  REQUIRE(m.server.wait_for_status(id, "complete"));
  CHECK(m.driver.tasks().at("h1").exit->signal == 15);

  const std::string other = "00000000-3cf8-4bd4-6007-a5f2b0938262";
  json::object stopped = FakeServer::allocation(other, 3);
  stopped["DesiredStatus"] = "stop";
  m.server.put(stopped);
  REQUIRE(m.server.wait_for_status(other, "complete"));
  CHECK(m.driver.tasks().size() == 1);
}

TEST_CASE("a new agent takes up what runs, and notices what has ended meanwhile") {
  Machine m;
  const std::string other = "00000000-3cf8-4bd4-6007-a5f2b0938262";
  auto client = m.client();
  m.server.put(FakeServer::allocation(id, 2));
  m.server.put(FakeServer::allocation(other, 3));
  REQUIRE(m.server.wait_for_status(id, "running"));
  REQUIRE(m.server.wait_for_status(other, "running"));
  const std::string node = client->node_id();
  client.reset();
  std::string ended;
  for (const auto& [handle, task] : m.driver.tasks()) {
    CHECK_FALSE(task.exit);
    if (task.config.alloc_id == other) ended = handle;
  }
  m.driver.end_task(ended, 0);
  m.driver.run_secretly("nobody's", "22222222-3cf8-4bd4-6007-a5f2b0938262", "t");
  m.driver.run_secretly("another agent's", "11111111-3cf8-4bd4-6007-a5f2b0938262", "t");
  const std::string left = m.folder.path() + "/client/alloc/22222222-3cf8-4bd4-6007-a5f2b0938262";
  std::filesystem::create_directories(left + "/alloc");
  {
    std::lock_guard lock(m.server.mutex);
    m.server.told.clear();
  }

  client = m.client();
  CHECK(client->node_id() == node);
  REQUIRE(m.server.wait_for_status(id, "running"));
  REQUIRE(m.server.wait_for_status(other, "complete"));
  CHECK(m.driver.recoveries() == 2);
  CHECK(m.wait([&] { return m.driver.tasks().at("nobody's").destroyed; }));
  CHECK(m.wait([&] { return !std::filesystem::exists(left); }));
  CHECK(std::filesystem::exists(m.alloc_path()));
  CHECK(m.driver.tasks().size() == 4);
  CHECK_FALSE(m.driver.tasks().at("another agent's").exit);
  client->stop(true);
  CHECK(m.server.wait_for_status(id, "complete"));
}

TEST_CASE("a task that was started but not noted is taken over") {
  Machine m;
  {
    auto store = StateStore::open(m.folder.path() + "/client-state");
    REQUIRE(store);
  }
  auto client = m.client();
  m.server.put(FakeServer::allocation(id, 2));
  REQUIRE(m.server.wait_for_status(id, "running"));
  client.reset();
  {
    // As it stood between the driver's start and its answer.
    auto store = StateStore::open(m.folder.path() + "/client/state");
    REQUIRE(store);
    auto entries = (*store)->load();
    REQUIRE(entries->size() == 1);
    json::object run = json::parse((*entries)[0].run).as_object();
    json::object& task = run["Tasks"].as_object()["t"].as_object();
    task["Phase"] = 1;
    task["Handle"] = "";
    REQUIRE((*store)->put_run(id, json::serialize(run)));
  }
  const int before = m.driver.waits();
  client = m.client();
  // Taken over, not only found: a task that ends before that is started afresh.
  REQUIRE(m.wait([&] { return m.driver.waits() > before; }));
  CHECK(m.driver.recoveries() == 1);
  m.driver.end_task("h1", 0);
  REQUIRE(m.server.wait_for_status(id, "complete"));
  CHECK(m.driver.tasks().size() == 1);
}

TEST_CASE("failures are restarted within the policy, then told") {
  Machine m;
  auto client = m.client();
  m.server.put(FakeServer::allocation(id, 2, service_job_group()));
  for (const char* handle : {"h1", "h2", "h3"}) {
    REQUIRE(m.wait([&] { return m.driver.tasks().contains(handle); }));
    m.driver.end_task(handle, 1);
  }
  REQUIRE(m.server.wait_for_status(id, "failed"));
  CHECK(m.driver.tasks().size() == 3);
}

TEST_CASE("a pipe in place of a task's log stops neither the task nor others, and is told") {
  Machine m;
  auto client = m.client();
  m.server.put(FakeServer::allocation(id, 2, service_job_group()));
  REQUIRE(m.server.wait_for_status(id, "running"));
  const std::string log = m.alloc_path() + "/alloc/logs/t.stdout.0";
  REQUIRE(std::filesystem::remove(log));
  REQUIRE(::mkfifo(log.c_str(), 0666) == 0);
  m.driver.end_task("h1", 1);
  REQUIRE(m.wait([&] { return m.driver.tasks().contains("h2"); }));
  const std::string other = "00000000-3cf8-4bd4-6007-a5f2b0938262";
  m.server.put(FakeServer::allocation(other, 3));
  REQUIRE(m.server.wait_for_status(other, "running"));
  CHECK(std::filesystem::is_regular_file(log));
  CHECK(m.server.wait_until([&] {
    return json::serialize(m.server.told[id]).find("t.stdout.0: a named pipe is in the way; it was replaced") !=
           std::string::npos;
  }));
}

TEST_CASE("a driver that is missing or refuses fails the allocation") {
  Machine m;
  auto client = m.client();
  m.server.put(FakeServer::allocation(id, 2, {}, {{"Driver", "nosuch"}}));
  REQUIRE(m.server.wait_for_status(id, "failed"));
  const std::string other = "00000000-3cf8-4bd4-6007-a5f2b0938262";
  m.server.put(FakeServer::allocation(other, 3, {}, {{"Config", json::object{{"bad", 1}}}}));
  REQUIRE(m.server.wait_for_status(other, "failed"));
  CHECK(m.driver.tasks().empty());
}

TEST_CASE("nothing is lost while no server can be reached, and a forgotten node registers again") {
  Machine m;
  m.server.failures_to_come = 5;
  auto client = m.client();
  m.server.put(FakeServer::allocation(id, 2));
  REQUIRE(m.server.wait_for_status(id, "running"));
  {
    std::lock_guard lock(m.server.mutex);
    m.server.failures_to_come = 10;
    m.server.forgotten = true;
  }
  m.driver.end_task("h1", 0);
  REQUIRE(m.server.wait_for_status(id, "complete"));
  CHECK(m.server.wait_until([&] { return m.server.registrations == 2; }));
}

TEST_CASE("a driver that falls ill is told") {
  Machine m;
  auto client = m.client();
  CHECK(m.server.wait_until([&] { return m.server.node_json == "fake fit"; }));
  m.driver.set_healthy(false);
  CHECK(m.server.wait_until([&] { return m.server.node_json == "fake unwell"; }));
}

TEST_CASE("services enter the catalogue while their task runs, and checks decide health") {
  Machine m;
  auto client = m.client();
  json::object check{{"Name", "alive"}, {"Type", "script"}, {"Command", "/bin/check"}, {"Interval", 100000000},
                     {"Timeout", 1000000000}};
  json::object service{
      {"Name", "redis"}, {"PortLabel", "db"}, {"Tags", json::array{"cache"}}, {"Checks", json::array{check}}};
  json::object group{{"Update", json::object{{"HealthCheck", "checks"}, {"MinHealthyTime", 50000000},
                                             {"HealthyDeadline", 60000000000}, {"MaxParallel", 1}}}};
  json::object allocation = FakeServer::allocation(id, 2, group, {{"Services", json::array{service}}});
  allocation["Job"].as_object()["Type"] = "service";
  allocation["DeploymentID"] = "4942d8c4-33c7-1760-acc4-6ea3ef3f4540";
  m.driver.set_exec_code(2);
  m.server.put(allocation);
  REQUIRE(m.server.wait_until([&] { return m.server.services.size() == 1; }));
  {
    std::lock_guard lock(m.server.mutex);
    const json::object& told = m.server.services[0].as_object();
    CHECK(told.at("ServiceName") == "redis");
    CHECK(told.at("Address") == "127.0.0.1");
    CHECK(told.at("Port") == 24062);
    CHECK(told.at("Status") == "critical");
  }
  m.driver.set_exec_code(0);
  CHECK(m.server.wait_until([&] {
    return m.server.services.size() == 1 && m.server.services[0].as_object().at("Status") == "passing";
  }));
  CHECK(m.server.wait_until([&] {
    const auto* status = m.server.told[id].if_contains("DeploymentStatus");
    return status != nullptr && status->is_object() && status->as_object().at("Healthy") == true;
  }));
  m.server.edit(id, [](json::object& a) { a["DesiredStatus"] = "stop"; });
  CHECK(m.server.wait_until([&] { return m.server.services.empty(); }));
}

TEST_CASE("an allocation that a single older answer leaves out goes on") {
  Machine m;
  auto client = m.client();
  json::object allocation = FakeServer::allocation(id, 1000);
  m.server.put(allocation);
  REQUIRE(m.server.wait_for_status(id, "running"));
  m.server.drop(id);
  m.server.put(FakeServer::allocation("00000000-3cf8-4bd4-6007-a5f2b0938262", 3));
  REQUIRE(m.server.wait_for_status("00000000-3cf8-4bd4-6007-a5f2b0938262", "running"));
  CHECK_FALSE(m.driver.tasks().at("h1").exit);
  CHECK(m.wait([&] { return m.driver.tasks().at("h1").destroyed; }));  // left out for good: it ends after all
}

TEST_CASE("the folders of the oldest ended allocations go first") {
  Machine m;
  auto client = m.client();
  m.server.put(FakeServer::allocation(id, 2));
  REQUIRE(m.server.wait_for_status(id, "running"));
  client->collect_garbage(id);
  m.driver.end_task("h1", 0);
  REQUIRE(m.server.wait_for_status(id, "complete"));
  CHECK(std::filesystem::exists(m.alloc_path()));
  client->collect_garbage("");
  CHECK(m.wait([&] { return !std::filesystem::exists(m.alloc_path()); }));
  CHECK(client->find_allocation(id));
}

TEST_CASE("a task is restarted and signalled on demand") {
  Machine m;
  auto client = m.client();
  m.server.put(FakeServer::allocation(id, 2, service_job_group()));
  REQUIRE(m.server.wait_for_status(id, "running"));
  CHECK_FALSE(client->restart_task(id, "nosuch"));
  CHECK(client->signal_task(id, "t", "SIGHUP"));
  CHECK(m.wait([&] { return m.driver.signals() == std::vector<std::string>{"SIGHUP"}; }));
  CHECK(client->restart_task(id, ""));
  CHECK(m.wait([&] { return m.driver.tasks().contains("h2"); }));
  client->stop();
  CHECK(client->restart_task(id, "").error() == "the agent is shutting down");
  CHECK(client->signal_task(id, "t", "SIGHUP").error() == "the agent is shutting down");
}

TEST_CASE("starts that take long hold up no stop, however many there are") {
  Machine m;
  auto client = m.client();
  m.server.put(FakeServer::allocation(id, 2));
  REQUIRE(m.server.wait_for_status(id, "running"));
  m.driver.hold_starts(true);
  constexpr int many = static_cast<int>(Pools::most_calls) + 10;  // more than the pool of calls has threads
  {
    std::lock_guard lock(m.server.mutex);
    ++m.server.index;
    for (int i = 0; i < many; ++i) {
      const std::string one = "00000000-3cf8-4bd4-6007-a5f2b09" + std::to_string(38000 + i);
      m.server.allocations[one] = FakeServer::allocation(one, m.server.index);
    }
    m.server.changed.notify_all();
  }
  constexpr int most = static_cast<int>(Pools::most_starts);
  REQUIRE(m.wait([&] { return m.driver.begun_starts() == 1 + most; }));
  m.server.edit(id, [](json::object& a) { a["DesiredStatus"] = "stop"; });
  CHECK(m.server.wait_for_status(id, "complete"));
  CHECK(m.driver.begun_starts() == 1 + most);
  m.driver.hold_starts(false);
  CHECK(m.wait([&] { return m.driver.begun_starts() == 1 + many; }));
}
