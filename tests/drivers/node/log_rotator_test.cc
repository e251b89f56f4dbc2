#include "drivers/node/log_rotator.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "tests/drivers/files/hostile.h"
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
  const std::string path = rotator.add(folder.path(), "t.stdout", 8192, 1000)->path;
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
  const auto files = list_log_files(folder.path(), "t.stdout");
  CHECK(files.size() > 10);
  std::string joined;
  for (const LogFile& file : files) {
    CHECK(file.size <= 8192);
    joined += content(stem + "." + std::to_string(file.number));
  }
  CHECK(joined == all);
  CHECK(rotator.add(folder.path(), "t.stdout", 8192, 1000)->path == stem + "." + std::to_string(files.back().number));
}

TEST_CASE("only the newest files are kept") {
  test::TempFolder folder;
  LogRotator rotator(orch::milliseconds(5));
  const std::string stem = folder.path() + "/t.stderr";
  std::ofstream out(rotator.add(folder.path(), "t.stderr", 4096, 3)->path, std::ios::app);
  for (int i = 0; i < 1000; ++i) out << line(i) << std::flush;
  rotator.look();
  const auto files = list_log_files(folder.path(), "t.stderr");
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
  CHECK(rotator.add(folder.path(), "t.stdout", 4096, 3)->path == stem + ".3");
  CHECK(::access((stem + ".rotating").c_str(), F_OK) != 0);
}

TEST_CASE("whatever a task puts in place of its log, the host keeps its files and the rotator goes on") {
  for (const char* shape : test::Hostile::shapes) {
    for (const char* name : {"t.stdout.0", "t.stdout.1", "t.stdout.rotating"}) {
      CAPTURE(shape);
      CAPTURE(name);
      test::Hostile h;
      LogRotator rotator(orch::hours(1));
      REQUIRE(h.plant(shape, h.root() + "/" + name));
      const auto added = rotator.add(h.root(), "t.stdout", 4096, 10);
      REQUIRE(added);
      CHECK(added->path == h.root() + "/t.stdout.0");
      CHECK(added->notice.empty() == (std::string(name) != "t.stdout.0"));
      std::string all;
      {
        std::ofstream out(added->path, std::ios::app);
        for (int i = 0; i < 100; ++i) {
          out << line(i) << std::flush;
          all += line(i);
        }
      }
      rotator.look();
      const auto files = list_log_files(h.root(), "t.stdout");
      CHECK(files.size() == 2);
      std::string joined;
      for (const LogFile& file : files) {
        CHECK(file.size <= 4096);
        joined += content(h.root() + "/t.stdout." + std::to_string(file.number));
      }
      CHECK(joined == all);
      CHECK(h.host_is_as_it_was());
    }
  }
}

TEST_CASE("what takes a log's place while it is written to is no log, and is not rotated") {
  for (const char* shape : test::Hostile::shapes) {
    CAPTURE(shape);
    test::Hostile h;
    LogRotator rotator(orch::hours(1));
    REQUIRE(rotator.add(h.root(), "t.stdout", 1, 1));  // every byte is beyond the limit
    REQUIRE(::unlink((h.root() + "/t.stdout.0").c_str()) == 0);
    REQUIRE(h.plant(shape, h.root() + "/t.stdout.0"));
    rotator.look();
    CHECK(list_log_files(h.root(), "t.stdout").empty());
    CHECK(h.host_is_as_it_was());
  }
}

TEST_CASE("a link in place of the logs' folder leads nowhere") {
  test::Hostile h;
  LogRotator rotator(orch::hours(1));
  std::filesystem::create_directory(h.root() + "/logs");
  REQUIRE(rotator.add(h.root(), "logs/host", 4096, 3));
  std::filesystem::remove_all(h.root() + "/logs");
  REQUIRE(::symlink("..", (h.root() + "/logs").c_str()) == 0);
  std::ofstream(h.root() + "/../host.0") << std::string(10'000, 'x');
  rotator.look();
  CHECK(list_log_files(h.root(), "logs/host").empty());
  CHECK_FALSE(rotator.add(h.root(), "logs/host", 4096, 3));
  CHECK(content(h.root() + "/../host.0").size() == 10'000);
  CHECK_FALSE(std::filesystem::exists(h.root() + "/../host.1"));
  CHECK(h.host_is_as_it_was());
}

TEST_CASE("a stream whose files are held by a reader holds up no other") {
  test::TempFolder folder;
  LogRotator rotator(orch::hours(1));
  REQUIRE(rotator.add(folder.path(), "a.stdout", 4096, 3));
  const auto reading = rotator.reading(folder.path(), "a.stdout");
  CHECK(rotator.add(folder.path(), "b.stdout", 4096, 3));
  rotator.remove(folder.path(), "a.stdout");
  rotator.remove(folder.path(), "b.stdout");
}
