#include "drivers/node/state_store.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/drivers/node/temp_folder.h"

using namespace orch::client;
namespace test = orch::test;

TEST_CASE("what was stored is there when the store is opened again") {
  test::TempFolder folder;
  {
    auto store = StateStore::open(folder.path() + "/state");
    REQUIRE(store);
    REQUIRE((*store)->put_allocation("one", "{\"ID\":\"one\"}"));
    REQUIRE((*store)->put_run("one", "{}"));
    REQUIRE((*store)->put_allocation("two", "{\"ID\":\"two\"}"));
    REQUIRE((*store)->remove("two"));
    REQUIRE((*store)->remove("never there"));
  }
  auto store = StateStore::open(folder.path() + "/state");
  REQUIRE(store);
  CHECK_FALSE((*store)->was_dropped());
  const auto entries = (*store)->load();
  REQUIRE(entries);
  REQUIRE(entries->size() == 1);
  CHECK((*entries)[0].alloc_id == "one");
  CHECK((*entries)[0].allocation == "{\"ID\":\"one\"}");
  CHECK((*entries)[0].run == "{}");
}

TEST_CASE("a killed process loses nothing that was stored") {
  test::TempFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = StateStore::open(folder.path() + "/state");
    for (int i = 0; i < 100; ++i) (void)(*store)->put_run(std::to_string(i), std::string(1000, 'x'));
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  auto store = StateStore::open(folder.path() + "/state");
  REQUIRE(store);
  CHECK_FALSE((*store)->was_dropped());
  CHECK((*store)->load()->size() == 100);
}

TEST_CASE("a store that a reboot caught open is started afresh") {
  test::TempFolder folder;
  const std::string path = folder.path() + "/state";
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = StateStore::open(path);
    (void)(*store)->put_run("one", "{}");
    ::_exit(0);  // no destructor: as when the power goes
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  std::ofstream(path + "/open-since-boot") << "another-boot\n";
  auto store = StateStore::open(path);
  REQUIRE(store);
  CHECK((*store)->was_dropped());
  CHECK((*store)->load()->empty());
}
