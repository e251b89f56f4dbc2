// A file that is written durably holds the old content or all of the new.
#include "projections/files/durable_file.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include "tests/projections/temporary_folder.h"

namespace orch::test {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

}  // namespace

TEST_CASE("the new content takes the old one's place, whatever a killed writer left") {
  const TemporaryFolder folder;
  const std::string path = folder.path + "/file";
  for (const std::string& content : {std::string("first"), std::string(), std::string(1 << 20, 'x')}) {
    std::ofstream(path + unfinished_suffix) << std::string(100, 'u');
    REQUIRE(write_file_durably(path, content));
    CHECK(content_of(path) == content);
    CHECK(!std::filesystem::exists(path + unfinished_suffix));
  }
}

TEST_CASE("a write without room is an error and leaves the old content and nothing beside it") {
  const TemporaryFolder folder;
  const std::string path = folder.path + "/file";
  REQUIRE(write_file_durably(path, "old"));
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit before {
  }, least{};
  getrlimit(RLIMIT_FSIZE, &before);
  least = before;
  least.rlim_cur = 1000;
  setrlimit(RLIMIT_FSIZE, &least);
  const auto written = write_file_durably(path, std::string(5000, 'n'));
  setrlimit(RLIMIT_FSIZE, &before);
  REQUIRE(!written);
  CHECK(written.error().value() == EFBIG);
  CHECK(content_of(path) == "old");
  CHECK(!std::filesystem::exists(path + unfinished_suffix));
}

TEST_CASE("a folder that is not there is an error") {
  const TemporaryFolder folder;
  const auto written = write_file_durably(folder.path + "/none/file", "text");
  REQUIRE(!written);
  CHECK(written.error().value() == ENOENT);
}

TEST_CASE("nobody but the owner reads it, unless its writer says so") {
  const TemporaryFolder folder;
  namespace fs = std::filesystem;
  REQUIRE(write_file_durably(folder.path + "/secret", "s"));
  REQUIRE(write_file_durably(folder.path + "/open", "o", 0640));
  CHECK(fs::status(folder.path + "/secret").permissions() == fs::perms(0600));
  CHECK(fs::status(folder.path + "/open").permissions() == fs::perms(0640));
}

}  // namespace orch::test
