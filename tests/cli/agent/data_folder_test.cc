#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/agent/data_folder.h"
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
  {
    const DataFolder gone = std::move(*first);
  }
  CHECK(DataFolder::take(path).has_value());
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
