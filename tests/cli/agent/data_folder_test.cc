#include "cli/agent/data_folder.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/drivers/node/temp_folder.h"

namespace orch {
namespace {

TEST_CASE("a data folder has one holder at a time, who is named") {
  test::TempFolder place;
  const std::string path = place.path() + "/deep/data";
  auto first = DataFolder::take(path);
  REQUIRE(first.has_value());
  CHECK(first->path() == path);
  const auto second = DataFolder::take(path);
  REQUIRE(!second.has_value());
  CHECK(second.error() == "the data folder " + path + " is in use by the agent with process id " +
                              std::to_string(::getpid()) +
                              "; stop that one first, or give this agent a folder of its own with -data-dir");
  { const DataFolder gone = std::move(*first); }
  CHECK(DataFolder::take(path).has_value());
}

/// Returns once process `pid` has `file` open.
void await_open(pid_t pid, const std::string& file) {
  const std::string fds = "/proc/" + std::to_string(pid) + "/fd";
  while (true) {
    std::error_code error;
    for (const auto& fd : std::filesystem::directory_iterator(fds, error)) {
      if (std::filesystem::read_symlink(fd.path(), error) == file) return;
    }
    if (error) return;  // it is gone
  }
}

TEST_CASE("the lock of an agent that is gone is waited for while a child of its still holds it") {
  test::TempFolder place;
  const pid_t tester = ::getpid();
  const pid_t agent = ::fork();
  if (agent == 0) {
    const auto taken = DataFolder::take(place.path());
    if (taken && ::fork() == 0) await_open(tester, place.path() + "/agent.lock");
    ::_exit(taken ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(agent, &status, 0) == agent);
  REQUIRE(status == 0);
  const auto next = DataFolder::take(place.path());
  CHECK_MESSAGE(next.has_value(), (next ? "" : next.error()));
}

TEST_CASE("a temporary folder goes with its holder") {
  std::string path;
  {
    const auto folder = DataFolder::take("");
    REQUIRE(folder.has_value());
    path = folder->path();
    CHECK(folder->temporary());
    CHECK(std::filesystem::exists(path));
  }
  CHECK(!std::filesystem::exists(path));
}

TEST_CASE("a folder that can't be made is told with its path and what to do") {
  test::TempFolder place;
  std::ofstream(place.path() + "/file") << "in the way";
  const auto folder = DataFolder::take(place.path() + "/file/data");
  REQUIRE(!folder.has_value());
  CHECK(folder.error().starts_with("cannot use the data folder " + place.path() + "/file/data: Not a directory"));
  CHECK(folder.error().ends_with("or name another one with -data-dir"));
}

}  // namespace
}  // namespace orch
