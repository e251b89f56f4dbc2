#include "drivers/node/files.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "drivers/node/alloc_dir.h"
#include "tests/drivers/files/hostile.h"
#include "tests/drivers/node/temp_folder.h"

using namespace orch::client;
namespace test = orch::test;

namespace {

class Collected : public orch::net::StreamWriter {
 public:
  bool write(std::string bytes) override {
    std::lock_guard lock(mutex_);
    text_ += bytes;
    return true;
  }
  void close() override { closed_ = true; }
  bool alive() const override { return alive_; }
  std::size_t queued() const override { return 0; }

  std::string text() const {
    std::lock_guard lock(mutex_);
    return text_;
  }
  bool wait_for(std::string_view what) const {
    for (int i = 0; i < 2000; ++i) {
      if (text().find(what) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  std::atomic<bool> alive_ = true, closed_ = false;

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

struct Allocation {
  test::TempFolder folder;
  AllocDir dir{folder.path(), "the-alloc"};
  AllocFiles files{dir.path()};
  Allocation() {
    REQUIRE(dir.build());
    REQUIRE(dir.build_task("t"));
    std::ofstream(folder.path() + "/outside") << "secret of the host";
    std::ofstream(dir.local("t") + "/hello") << "hello world";
    std::ofstream(dir.secrets("t") + "/token") << "s3cret";
  }
};

}  // namespace

TEST_CASE("folders are listed and files read") {
  Allocation a;
  const auto list = a.files.list("/");
  REQUIRE(list);
  CHECK(list->find("{\"Name\":\"alloc\",\"IsDir\":true,\"Size\":") == 1);
  CHECK(list->find("\"Name\":\"t\",\"IsDir\":true") != std::string::npos);
  CHECK(list->find("\"FileMode\":\"drwxrwxrwx\"") != std::string::npos);
  const auto info = a.files.stat("t/local/hello");
  REQUIRE(info);
  CHECK(info->find("{\"Name\":\"hello\",\"IsDir\":false,\"Size\":11,\"FileMode\":\"-rw-r--r--\"") == 0);
  CHECK(a.files.read("t/local/hello", 6, 3).value() == "wor");
  CHECK(a.files.read("/t/local/hello", 0, 100).value() == "hello world");
  CHECK(a.files.read("t/local/hello", 100, 100).value().empty());
}

TEST_CASE("no path leads out of the allocation's folder") {
  Allocation a;
  REQUIRE(::symlink("/etc", (a.dir.local("t") + "/etc").c_str()) == 0);
  REQUIRE(::symlink("../../..", (a.dir.local("t") + "/up").c_str()) == 0);
  for (const char* path : {"../outside", "../../../../etc/passwd", "t/../../outside", "t/local/etc/passwd",
                           "t/local/up/outside", "/../outside", "alloc/../../the-alloc/../outside"}) {
    CAPTURE(path);
    const auto read = a.files.read(path, 0, 100);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == FileError::Kind::escapes);
    CHECK(read.error().message == "Path escapes the alloc directory");
    CHECK_FALSE(a.files.list(path));
    CHECK_FALSE(a.files.stat(path));
  }
  const auto missing = a.files.read("nosuch", 0, 1);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message == "stat " + a.dir.path() + "/nosuch: no such file or directory");
}

TEST_CASE("a task's secrets are not read out, also not through a link") {
  Allocation a;
  CHECK(a.files.read("t/secrets/token", 0, 10).error().kind == FileError::Kind::refused);
  CHECK(a.files.list("t/secrets").error().kind == FileError::Kind::refused);
  REQUIRE(::symlink("../secrets/token", (a.dir.local("t") + "/link").c_str()) == 0);
  CHECK(a.files.read("t/local/link", 0, 10).error().kind == FileError::Kind::refused);
}

TEST_CASE("names that are no folder names are refused") {
  for (const char* name : {"", ".", "..", "alloc", "a/b", "a\\b"}) CHECK_FALSE(AllocDir::name_problem(name).empty());
  CHECK(AllocDir::name_problem("redis").empty());
  test::TempFolder folder;
  AllocDir dir(folder.path(), "x");
  REQUIRE(dir.build());
  CHECK_FALSE(dir.build_task("../evil"));
  REQUIRE(dir.destroy());
  REQUIRE(dir.destroy());
}

TEST_CASE("logs are sent as frames, from the start or the end") {
  Allocation a;
  LogRotator rotator;
  std::ofstream(a.dir.logs() + "/t.stdout.0") << "hello\n";
  std::ofstream(a.dir.logs() + "/t.stdout.1") << "problem\n";
  FollowOptions options;
  options.follow = false;
  Collected all;
  a.files.follow_logs("t", "stdout", options, rotator, all);
  CHECK(all.closed_);
  CHECK(all.text() ==
        "{\"Data\":\"aGVsbG8K\",\"File\":\"alloc/logs/t.stdout.0\",\"Offset\":6}\n"
        "{\"Data\":\"cHJvYmxlbQo=\",\"File\":\"alloc/logs/t.stdout.1\",\"Offset\":8}\n");
  options.from_end = true;
  options.offset = 4;
  Collected tail;
  a.files.follow_logs("t", "stdout", options, rotator, tail);
  CHECK(tail.text() == "{\"Data\":\"bGVtCg==\",\"File\":\"alloc/logs/t.stdout.1\",\"Offset\":8}\n");
  options.from_end = false;
  options.offset = 5;
  options.plain = true;
  Collected plain;
  a.files.follow_logs("t", "stdout", options, rotator, plain);
  CHECK(plain.text() == "\nproblem\n");
}

TEST_CASE("a follower sees every byte once while files are rotated under it") {
  Allocation a;
  LogRotator rotator(orch::hours(1));
  std::ofstream out(rotator.add(a.dir.path(), "alloc/logs/t.stdout", 8192, 100)->path, std::ios::app);
  Collected seen;
  std::atomic<bool> ended = false;
  FollowOptions options;
  options.plain = true;
  options.finished = [&] { return ended.load(); };
  std::thread follower([&] { a.files.follow_logs("t", "stdout", options, rotator, seen); });
  std::string all;
  for (int i = 0; i < 3000; ++i) {
    const std::string text = "line " + std::to_string(i) + "\n";
    out << text << std::flush;
    all += text;
    if (i % 50 == 0) rotator.look();
  }
  CHECK(seen.wait_for("line 2999\n"));
  ended = true;
  follower.join();
  CHECK(seen.text() == all);
}

TEST_CASE("a file that is followed tells when it is gone") {
  Allocation a;
  Collected seen;
  FollowOptions options;
  const std::string path = a.dir.local("t") + "/hello";
  std::thread follower([&] { a.files.follow_file("t/local/hello", options, seen); });
  CHECK(seen.wait_for("\"Offset\":11"));
  ::unlink(path.c_str());
  CHECK(seen.wait_for("\"FileEvent\":\"file deleted\""));
  follower.join();
}

TEST_CASE("folders of an allocation that a task has replaced are not gone through") {
  for (const char* shape : test::Hostile::shapes) {
    for (const char* path : {"/alloc/logs", "/alloc/data", "/t/local", "/t/secrets"}) {
      CAPTURE(shape);
      CAPTURE(path);
      test::Hostile h;
      AllocDir dir(h.root(), "x");
      REQUIRE(dir.build());
      REQUIRE(dir.build_task("t"));
      REQUIRE(std::filesystem::remove(dir.path() + path));
      REQUIRE(h.plant(shape, dir.path() + path));
      const bool built = dir.build() && dir.build_task("t");
      CHECK(built == (std::string(shape) == "folder"));
      CHECK(dir.destroy());
      CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(dir.path())));
      CHECK(h.host_is_as_it_was());
    }
  }
  test::Hostile h;  // a link to a folder: neither its mode nor what is in it changes
  AllocDir dir(h.root(), "x");
  REQUIRE(dir.build());
  std::filesystem::create_directory(h.root() + "/../theirs");
  std::ofstream(h.root() + "/../theirs/file") << "kept";
  ::chmod((h.root() + "/../theirs").c_str(), 0700);
  std::filesystem::remove(dir.path() + "/alloc/logs");
  std::filesystem::create_directory_symlink("../../../theirs", dir.path() + "/alloc/logs");
  CHECK(dir.build().error() == "create folder alloc/logs: is no folder");
  CHECK(dir.destroy());
  CHECK(test::Hostile::text(h.root() + "/../theirs/file") == "kept");
  CHECK(std::filesystem::status(h.root() + "/../theirs").permissions() == std::filesystem::perms::owner_all);
}

TEST_CASE("reading waits for no pipe and sees nothing of the host") {
  Allocation a;
  REQUIRE(::mkfifo((a.dir.logs() + "/pipe").c_str(), 0666) == 0);
  CHECK(a.files.read("alloc/logs/pipe", 0, 10).error().message == "file alloc/logs/pipe is not a regular file");
  CHECK(a.files.list("alloc/logs/pipe").error().message == "alloc/logs/pipe: is a file, not a folder");
  std::filesystem::remove_all(a.dir.logs());
  std::filesystem::create_directory_symlink("../../..", a.dir.logs());
  std::ofstream(a.folder.path() + "/t.stdout.0") << "not the task's";
  LogRotator rotator(orch::hours(1));
  FollowOptions options;
  options.follow = false;
  Collected seen;
  a.files.follow_logs("t", "stdout", options, rotator, seen);
  CHECK(seen.text().empty());
}
