// Real processes, and agents that forget them: each case speaks to the driver as the node client does.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "drivers/task/raw_exec/raw_exec_driver.h"
#include "drivers/task/raw_exec/supervised_process.h"
#include "tests/drivers/files/hostile.h"
#include "tests/drivers/node/temp_folder.h"

using namespace orch;

namespace {

struct Machine {
  test::TempFolder folder;
  RawExecDriver driver{true};

  TaskConfig task(const std::string& script) {
    TaskConfig made;
    made.alloc_id = "a";
    made.task_name = "t";
    made.alloc_dir = folder.path() + "/a/alloc";
    made.task_dir = folder.path() + "/a/t";
    made.stdout_path = folder.path() + "/a/alloc/out";
    made.stderr_path = folder.path() + "/a/alloc/err";
    std::filesystem::create_directories(made.task_dir);
    std::filesystem::create_directories(made.alloc_dir);
    ::chmod(folder.path().c_str(), 0755);
    made.env = {{"GREETING", "hi"}, {"PATH", "/usr/bin:/bin"}};
    made.config = {{"command", "/bin/sh"}, {"args", Value::List{"-c", script}}};
    return made;
  }
  std::string start(const TaskConfig& config) {
    auto started = driver.start(config, [](const std::string&) {});
    REQUIRE_MESSAGE(started, started.error().message);
    return *started;
  }
  std::string text(const std::string& file) const {
    std::ifstream in(folder.path() + "/a/alloc/" + file);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }
  /// Waits until the task has written this line.
  bool says(const std::string& file, const std::string& what) const {
    for (int i = 0; i < 4000; ++i) {
      if (text(file).find(what) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
};

bool gone(pid_t pid) {
  for (int i = 0; i < 4000; ++i) {
    if (start_time_of(pid) == 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

}  // namespace

TEST_CASE("a process runs in its folder with its environment, and its exit code is told") {
  Machine m;
  const std::string handle = m.start(m.task("echo $GREETING; pwd; echo err >&2; exit 7"));
  const auto exit = m.driver.wait(handle, seconds(20));
  REQUIRE(exit);
  CHECK(exit->exit_code == 7);
  CHECK(exit->signal == 0);
  CHECK(m.text("out") == "hi\n" + m.folder.path() + "/a/t\n");
  CHECK(m.text("err") == "err\n");
  CHECK(m.driver.destroy(handle));
  // Nothing of the supervisor's stays behind.
  for (const auto& entry : std::filesystem::directory_iterator(m.folder.path() + "/a"))
    CHECK(entry.path().filename().string().find(".exit") == std::string::npos);
}

TEST_CASE("what cannot be started says why") {
  Machine m;
  TaskConfig config = m.task("");
  config.config = {{"command", "/bin/nosuch"}};
  CHECK(m.driver.start(config, {}).error().message ==
        "failed to start command: exec /bin/nosuch: No such file or directory");
  config.config = {{"command", "/bin/true"}};
  config.user = "nosuchuser";
  CHECK(m.driver.start(config, {}).error().message ==
        "failed to start command: user \"nosuchuser\" is not known on this machine");
  config.config = {};
  CHECK(m.driver.start(config, {}).error().message == "field \"command\" is required");
}

TEST_CASE("a later agent finds the process by its number and start time, and learns how it ended") {
  Machine m;
  const std::string handle = m.start(m.task("echo up; while [ ! -e go ]; do sleep 0.05; done; exit 5"));
  REQUIRE(m.says("out", "up"));
  RawExecDriver later(true);  // knows nothing but the handle
  CHECK(later.recover(handle, {}));
  CHECK_FALSE(later.wait(handle, Duration{}));
  std::ofstream(m.folder.path() + "/a/t/go");
  CHECK(later.wait(handle, seconds(20))->exit_code == 5);
  // Ended meanwhile is known as well.
  CHECK(RawExecDriver(true).recover(handle, {}));
  CHECK(RawExecDriver(true).wait(handle, seconds(1))->exit_code == 5);

  // The same number with another start time is another process.
  auto other = ProcessHandle::parse(handle).value();
  other.pid = getpid();
  other.exit_file += "-none";
  CHECK_FALSE(other.alive());
  CHECK(later.recover(other.text(), {}).error().message == "no process is known as \"" + other.text() + "\"");
  CHECK(later.stop(other.text(), "SIGKILL", seconds(1)));  // and is left alone
}

TEST_CASE("a stop reaches the whole process group") {
  Machine m;
  const std::string handle = m.start(m.task("sleep 600 & echo $!; trap 'exit 3' INT; wait"));
  REQUIRE(m.says("out", "\n"));
  const pid_t child = std::stoi(m.text("out"));
  CHECK(start_time_of(child) != 0);
  CHECK(m.driver.stop(handle, "", seconds(10)));
  CHECK(m.driver.wait(handle, seconds(20))->exit_code == 3);
  CHECK(gone(child));
}

TEST_CASE("a stop ends what a task started also when its supervisor was killed") {
  Machine m;
  const std::string handle = m.start(m.task("(trap '' TERM; while :; do sleep 0.1; done) & echo $!; echo $PPID; wait"));
  REQUIRE(m.says("out", "\n"));
  for (int i = 0; i < 4000 && std::ranges::count(m.text("out"), '\n') < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  pid_t child = 0, supervisor = 0;
  std::istringstream(m.text("out")) >> child >> supervisor;
  REQUIRE(supervisor > 1);
  ::kill(supervisor, SIGKILL);
  CHECK(gone(supervisor));
  CHECK(m.driver.stop(handle, "SIGTERM", seconds(10)));  // the shell dies of it, and tells nobody
  CHECK(gone(child));
}

TEST_CASE("a task that ignores the signal is killed, with all that it has started") {
  Machine m;
  const std::string handle = m.start(
      m.task("trap '' TERM; (trap '' TERM; while :; do sleep 0.1; done) & echo $!; while :; do sleep 0.1; done"));
  REQUIRE(m.says("out", "\n"));
  const pid_t child = std::stoi(m.text("out"));
  CHECK(m.driver.stop(handle, "SIGTERM", milliseconds(200)));
  const auto exit = m.driver.wait(handle, seconds(20));
  CHECK(exit->signal == SIGKILL);
  CHECK(exit->exit_code == 137);
  CHECK(gone(child));
}

TEST_CASE("what a task leaves running ends with it") {
  Machine m;
  const std::string handle = m.start(m.task("sleep 600 & echo $!"));
  CHECK(m.driver.wait(handle, seconds(20))->exit_code == 0);
  CHECK(gone(std::stoi(m.text("out"))));
}

TEST_CASE("commands run inside the task, and its use of the machine is told") {
  Machine m;
  const std::string handle = m.start(m.task("echo up; exec sleep 600"));
  REQUIRE(m.says("out", "up"));
  CHECK(m.driver.exec(handle, "/bin/sh", {"-c", "echo $GREETING; exit 2"}, seconds(20))->exit_code == 2);
  CHECK(m.driver.exec(handle, "/bin/sh", {"-c", "echo $GREETING"}, seconds(20))->output == "hi\n");
  CHECK(m.driver.exec(handle, "/bin/sleep", {"600"}, milliseconds(100)).error().message ==
        "the command did not end in time");
  CHECK(m.driver.stats(handle)->memory_rss > 0);
  CHECK(m.driver.signal(handle, "SIGUSR1"));
  CHECK(m.driver.wait(handle, seconds(20))->signal == SIGUSR1);
}

TEST_CASE("a task runs as its user") {
  if (::geteuid() != 0) return;  // only root can become somebody else
  Machine m;
  TaskConfig config = m.task("id -un; id -u >> /dev/stdout");
  config.user = "nobody";
  const std::string handle = m.start(config);
  CHECK(m.driver.wait(handle, seconds(20))->exit_code == 0);
  CHECK(m.text("out") == "nobody\n65534\n");
}

TEST_CASE("a driver that is off says which setting turns it on") {
  RawExecDriver off(false);
  const std::string text = "raw_exec is off on this node: the client option \"driver.raw_exec.enable\" turns it on";
  CHECK_FALSE(off.fingerprint().detected);
  CHECK(off.fingerprint().health_description == text);
  CHECK(off.start({}, {}).error().message == text);
}

TEST_CASE(
    "a task's output reaches a file of its own, whatever it has put there, and nobody is given anything of root's") {
  for (const char* user : {"", "nobody"}) {
    if (*user != 0 && ::geteuid() != 0) continue;  // only root can become somebody else
    for (const char* shape : test::Hostile::shapes) {
      CAPTURE(user);
      CAPTURE(shape);
      test::Hostile h;
      Machine m;
      TaskConfig config = m.task("echo line; echo err >&2");
      config.alloc_dir = h.root();
      config.stdout_path = h.root() + "/out";
      config.stderr_path = h.root() + "/err";
      config.user = user;
      REQUIRE(h.plant(shape, config.stdout_path));
      std::string told;
      const auto handle = m.driver.start(config, [&](const std::string& text) { told += text; });
      REQUIRE_MESSAGE(handle, handle.error().message);
      CHECK(m.driver.wait(*handle, seconds(20))->exit_code == 0);
      CHECK(told.find("The task's output: out: ") == 0);
      CHECK(test::Hostile::text(config.stdout_path) == "line\n");
      CHECK(test::Hostile::text(config.stderr_path) == "err\n");
      CHECK(h.host_is_as_it_was());
    }
  }
}

TEST_CASE("a task whose log folder is a link does not start, and says why") {
  test::Hostile h;
  Machine m;
  TaskConfig config = m.task("echo line");
  REQUIRE(::symlink("..", (config.alloc_dir + "/logs").c_str()) == 0);
  config.stdout_path = config.stderr_path = config.alloc_dir + "/logs/new";
  const auto started = m.driver.start(config, [](const std::string&) {});
  CHECK(started.error().message == "failed to start command: open the log file logs: is no folder");
  CHECK_FALSE(std::filesystem::exists(config.alloc_dir + "/../new"));
}

TEST_CASE("an exit status is read from nothing but a file") {
  for (const char* shape : test::Hostile::shapes) {
    if (std::string(shape) == "second name of a host file") continue;
    CAPTURE(shape);
    test::Hostile h;
    REQUIRE(h.plant(shape, h.root() + "/.exit"));
    CHECK_FALSE(exit_status(h.root() + "/.exit"));
  }
}
