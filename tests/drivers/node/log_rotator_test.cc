#include "drivers/node/log_rotator.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "tests/drivers/node/temp_folder.h"

using namespace orch::client;
namespace test = orch::test;

namespace {

std::string content(const std::string& path) {
  std::ifstream file(path);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

std::string line(int n) {
  std::string text = "line " + std::to_string(n);
  text.resize(63, '.');
  return text + "\n";
}

}  // namespace

TEST_CASE("output is rotated under a writer that keeps its file open, and nothing is lost or doubled") {
  test::TempFolder folder;
  LogRotator rotator(orch::hours(1));
  const std::string stem = folder.path() + "/t.stdout";
  const std::string path = rotator.add(stem, 8192, 1000);
  CHECK(path == stem + ".0");
  struct stat info {};
  CHECK((::stat(path.c_str(), &info) == 0 && (info.st_mode & 0777) == 0644));
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND);
  REQUIRE(fd >= 0);
  std::string all;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = line(i);
    REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    all += text;
    if (i % 100 == 99) rotator.look();
  }
  ::close(fd);
  const auto files = list_log_files(stem);
  CHECK(files.size() > 10);
  std::string joined;
  for (const LogFile& file : files) {
    CHECK(file.size <= 8192);
    joined += content(stem + "." + std::to_string(file.number));
  }
  CHECK(joined == all);
  CHECK(rotator.add(stem, 8192, 1000) == stem + "." + std::to_string(files.back().number));
}

TEST_CASE("only the newest files are kept") {
  test::TempFolder folder;
  LogRotator rotator(orch::milliseconds(5));
  const std::string stem = folder.path() + "/t.stderr";
  std::ofstream out(rotator.add(stem, 4096, 3), std::ios::app);
  for (int i = 0; i < 1000; ++i) out << line(i) << std::flush;
  rotator.look();
  const auto files = list_log_files(stem);
  CHECK(files.size() == 3);
  const std::string last = content(stem + "." + std::to_string(files.back().number));
  CHECK(last.substr(last.size() - 64) == line(999));
}

TEST_CASE("what a cut-off rotation left behind is cleaned up") {
  test::TempFolder folder;
  const std::string stem = folder.path() + "/t.stdout";
  std::ofstream(stem + ".3") << "now";
  std::ofstream(stem + ".rotating") << "half";
  LogRotator rotator;
  CHECK(rotator.add(stem, 4096, 3) == stem + ".3");
  CHECK(::access((stem + ".rotating").c_str(), F_OK) != 0);
}
