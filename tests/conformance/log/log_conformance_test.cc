// What every log must do, asked of each adapter through the port. Memory: all but what needs a disk and a second
// thread.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <thread>

#include "core/log/memory_log.h"
#include "drivers/log/lmdb/lmdb_log.h"
#include "projections/lmdb/environment.h"

namespace orch {
namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "orch-log-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

Bytes bytes(const std::string& text) { return std::as_bytes(std::span(text)); }
Bytes bytes(std::string&&) = delete;  // it would be gone before it is read

LogIndex append(Log& log, const std::vector<std::string>& texts) {
  std::vector<Bytes> groups;
  for (const std::string& text : texts) groups.push_back(bytes(text));
  const auto first = log.append(groups);
  REQUIRE(first);
  return *first;
}

std::vector<std::pair<LogIndex, std::string>> read(const Log& log, LogIndex from, std::size_t most = ~std::size_t{0}) {
  std::vector<std::pair<LogIndex, std::string>> found;
  const auto done = log.read(from, [&](LogIndex index, Bytes group) {
    found.emplace_back(index, std::string(reinterpret_cast<const char*>(group.data()), group.size()));
    return found.size() < most;
  });
  REQUIRE(done);
  return found;
}

std::unique_ptr<LmdbLog> opened(const Folder& folder) {
  auto log = LmdbLog::open(folder.path);
  REQUIRE(log);
  return std::move(*log);
}

/// A log whose disk can be made full. For LMDB the disk is as large as this process may make a file.
struct Subject {
  Log& log;
  std::function<void()> take_room_away, give_room_back;
};

void for_each_log(const std::function<void(Subject)>& property) {
  SUBCASE("memory") {
    MemoryLog log("0123456789abcdef0123456789abcdef");
    property({log, [&] { log.give_room(0); }, [&] { log.give_room(~std::size_t{0}); }});
  }
  SUBCASE("lmdb") {
    Folder folder;
    auto log = opened(folder);
    struct rlimit before {};
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    property({*log,
              [&] {
                struct rlimit least = before;
                least.rlim_cur = std::filesystem::file_size(folder.path + "/data.mdb");
                setrlimit(RLIMIT_FSIZE, &least);
              },
              [&] { setrlimit(RLIMIT_FSIZE, &before); }});
    setrlimit(RLIMIT_FSIZE, &before);
  }
}

void for_each_log(const std::function<void(Log&)>& property) {
  for_each_log([&](Subject subject) { property(subject.log); });
}

}  // namespace

TEST_CASE("indexes are dense and start at 1") {
  for_each_log([](Log& log) {
    CHECK(log.head() == 0);
    CHECK(append(log, {"a"}) == 1);
    CHECK(append(log, {"b", "c"}) == 2);
    CHECK(append(log, {"d"}) == 4);
    CHECK(log.head() == 4);
    CHECK(log.oldest() == 1);
  });
}

TEST_CASE("what was appended is read back unchanged from any index") {
  for_each_log([](Log& log) {
    std::vector<std::string> all;
    for (int batch = 0; batch < 40; ++batch) {
      std::vector<std::string> texts;
      for (int i = 0; i <= batch % 7; ++i)
        texts.push_back(std::string(static_cast<std::size_t>(batch * 131 + i), static_cast<char>('a' + i)));
      append(log, texts);
      all.insert(all.end(), texts.begin(), texts.end());
    }
    for (LogIndex from = 1; from <= all.size(); from += 3) {
      const auto found = read(log, from);
      REQUIRE(found.size() == all.size() - from + 1);
      for (const auto& [index, text] : found) CHECK(text == all[index - 1]);
    }
    CHECK(read(log, all.size() + 1).empty());
    CHECK(read(log, 5, 2).size() == 2);
  });
}

TEST_CASE("groups of any size, an empty one among them") {
  for_each_log([](Log& log) {
    append(log, {"", std::string(3 << 20, 'x'), "end"});
    const auto found = read(log, 1);
    REQUIRE(found.size() == 3);
    CHECK(found[0].second.empty());
    CHECK(found[1].second.size() == 3 << 20);
    CHECK(found[2].second == "end");
  });
}

TEST_CASE("a group may be as large as the port says and no larger") {
  for_each_log([](Log& log) {
    const std::string large(group_bytes_max, 'x'), larger(group_bytes_max + 1, 'y');
    CHECK(append(log, {large}) == 1);
    const std::string before = "before";
    const std::vector<Bytes> groups{bytes(before), bytes(larger)};
    const auto refused = log.append(groups);
    REQUIRE(!refused);
    CHECK(refused.error().kind == LogError::Kind::too_large);
    CHECK(log.head() == 1);
    CHECK(append(log, {"after"}) == 2);
    CHECK(read(log, 1, 1).front().second.size() == group_bytes_max);
    CHECK(read(log, 2).front().second == "after");
  });
}

TEST_CASE("a full disk refuses, readers go on, and so does the writer once there is room") {
  for_each_log([](Subject subject) {
    Log& log = subject.log;
    append(log, {"first"});
    subject.take_room_away();
    std::vector<std::string> kept{"first"};
    std::expected<LogIndex, LogError> last;
    while (kept.size() < 100'000) {
      const std::string text(40'000, static_cast<char>('a' + kept.size() % 26));
      const std::string tail = "tail";
      const std::vector<Bytes> groups{bytes(text), bytes(tail)};
      last = log.append(groups);
      if (!last) break;
      kept.push_back(text);
      kept.push_back(tail);
    }
    REQUIRE(!last);
    CHECK(last.error().kind == LogError::Kind::full);
    for (int again = 0; again < 3; ++again) {
      const std::string text(1'000'000, 'z');
      const std::vector<Bytes> groups{bytes(text)};
      const auto refused = log.append(groups);
      REQUIRE(!refused);
      CHECK(refused.error().kind == LogError::Kind::full);
    }
    CHECK(log.head() == kept.size());
    CHECK(read(log, 1).size() == kept.size());
    subject.give_room_back();
    CHECK(append(log, {"room", "again"}) == kept.size() + 1);
    kept.push_back("room");
    kept.push_back("again");
    const auto found = read(log, 1);
    REQUIRE(found.size() == kept.size());
    for (const auto& [index, text] : found) CHECK(text == kept[index - 1]);
  });
}

TEST_CASE("a log that was full holds the same after it is opened again") {
  Folder folder;
  LogIndex head = 0;
  {
    auto log = opened(folder);
    append(*log, {"a"});
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before {}, least {};
    getrlimit(RLIMIT_FSIZE, &before);
    least = before;
    least.rlim_cur = std::filesystem::file_size(folder.path + "/data.mdb");
    setrlimit(RLIMIT_FSIZE, &least);
    const std::string text(3'000'000, 'x');
    const std::vector<Bytes> groups{bytes(text)};
    while (log->append(groups)) continue;
    setrlimit(RLIMIT_FSIZE, &before);
    head = log->head();
  }
  auto log = opened(folder);
  CHECK(log->head() == head);
  CHECK(read(*log, 1).size() == head);
  CHECK(append(*log, {"b"}) == head + 1);
}

TEST_CASE("an id of 32 digits that stays") {
  Folder folder;
  std::string id;
  {
    auto log = opened(folder);
    id = log->id();
    append(*log, {"a"});
  }
  CHECK(id.size() == 32);
  auto log = opened(folder);
  CHECK(log->id() == id);
  CHECK(log->head() == 1);
  Folder other;
  CHECK(opened(other)->id() != id);
}

TEST_CASE("one process holds a log") {
  Folder folder;
  auto log = opened(folder);
  const auto second = LmdbLog::open(folder.path);
  REQUIRE(!second);
  CHECK(second.error().message.find("held by another agent") != std::string::npos);
  const auto reader = LmdbLog::open(folder.path, {.read_only = true});
  CHECK(reader);
}

TEST_CASE("waiting ends when there is more, and when the time is over") {
  Folder folder;
  auto log = opened(folder);
  CHECK(!log->wait(0, milliseconds(1)));
  std::thread writer([&] { append(*log, {"a"}); });
  CHECK(log->wait(0, seconds(10)));
  writer.join();
  CHECK(log->wait(0, milliseconds(0)));
}

TEST_CASE("readers and the writer at the same time") {
  Folder folder;
  auto log = opened(folder);
  std::thread writer([&] {
    for (int i = 1; i <= 200; ++i) append(*log, {std::to_string(i)});
  });
  std::vector<std::thread> readers;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&] {
      LogIndex next = 1;
      while (next <= 200) {
        log->wait(next - 1, seconds(10));
        for (const auto& [index, text] : read(*log, next)) {
          if (index != next || text != std::to_string(index)) FAIL_CHECK("out of order at ", index);
          next = index + 1;
        }
      }
    });
  }
  writer.join();
  for (std::thread& reader : readers) reader.join();
}

TEST_CASE("what was answered is there after kill -9, whole batches only") {
  for (int round = 0; round < 5; ++round) {
    Folder folder;
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
      auto log = LmdbLog::open(folder.path);
      for (std::uint64_t batch = 0;; ++batch) {
        const std::string text = std::to_string(batch);
        const std::vector<Bytes> groups(3, bytes(text));
        if (!(*log)->append(groups)) _exit(1);
        if (write(ends[1], &batch, sizeof batch) != sizeof batch) _exit(0);
      }
    }
    close(ends[1]);
    std::uint64_t answered = 0;
    for (int i = 0; i < 20 + round * 17; ++i) REQUIRE(::read(ends[0], &answered, sizeof answered) == sizeof answered);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (::read(ends[0], &answered, sizeof answered) == sizeof answered) continue;
    close(ends[0]);
    auto log = opened(folder);
    CHECK(log->head() >= (answered + 1) * 3);
    CHECK(log->head() % 3 == 0);
    for (const auto& [index, text] : read(*log, 1)) CHECK(text == std::to_string((index - 1) / 3));
    const LogIndex after = append(*log, {"after"});
    CHECK(after == log->head());
  }
}

TEST_CASE("any changed byte of a row is damage, told with file and index, never data and never a crash") {
  Folder folder;
  const std::string path = folder.path + "/data.mdb";
  const std::string second = "the second group", third = "the third one, which is a little longer";
  {
    auto log = opened(folder);
    append(*log, {"before"});
    append(*log, {second, third, ""});
    append(*log, {"after", "and after"});
  }
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(file)), {});
  // A row is its header (16 bytes), three lengths filled up to 16, then the groups filled up to 16 and 40. LMDB keeps
  // the page of the commit before as well, so the row may stand there twice: all copies are changed.
  const std::size_t before_groups = 32, size = before_groups + 16 + 40;
  std::vector<std::size_t> copies;
  for (std::size_t at = content.find(second); at != std::string::npos; at = content.find(second, at + 1)) {
    copies.push_back(at - before_groups);
  }
  REQUIRE(!copies.empty());
  const auto write_at = [&](std::size_t offset, int flipped) {
    file.clear();
    for (std::size_t copy : copies) {
      file.seekp(static_cast<std::streamoff>(copy + offset));
      file.put(static_cast<char>(content[copy + offset] ^ flipped));
    }
    file.flush();
  };
  for (std::size_t offset = 0; offset < size; ++offset) {
    CAPTURE(offset);
    for (const int flipped : {0x01, 0x80, 0xff}) {
      write_at(offset, flipped);
      const auto log = LmdbLog::open(folder.path, {.read_only = true});
      REQUIRE(log);
      std::vector<LogIndex> seen;
      const auto done = (*log)->read(1, [&](LogIndex index, Bytes) {
        seen.push_back(index);
        return true;
      });
      REQUIRE(!done);
      CHECK(done.error().kind == LogError::Kind::damaged);
      CHECK(done.error().message.find("the batch at index 2 of " + path + " does not match") != std::string::npos);
      CHECK(seen == std::vector<LogIndex>{1});
    }
    write_at(offset, 0);
  }
  CHECK(read(*opened(folder), 1).size() == 6);
}

TEST_CASE("a log whose newest row is damaged is not opened, so nothing is appended behind it") {
  Folder folder;
  const std::string path = folder.path + "/data.mdb";
  {
    auto log = opened(folder);
    append(*log, {"first"});
    append(*log, {std::string(20000, 'm')});
  }
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(file)), {});
  const std::size_t at = content.find(std::string(5000, 'm'));
  REQUIRE(at != std::string::npos);
  file.clear();
  file.seekp(static_cast<std::streamoff>(at + 1000));
  file.put('n');
  file.close();
  for (const bool read_only : {false, true}) {
    const auto log = LmdbLog::open(folder.path, {.read_only = read_only});
    REQUIRE(!log);
    CHECK(log.error().kind == LogError::Kind::damaged);
    CHECK(log.error().message.find("the batch at index 2 of " + path) != std::string::npos);
    CHECK(log.error().message.find("; restore the data folder") != std::string::npos);
  }
}

TEST_CASE("rows that are missing or stand in another's place are damage") {
  for (const bool moved : {false, true}) {
    Folder folder;
    {
      auto log = opened(folder);
      for (const char* text : {"a", "b", "c"}) append(*log, {text});
    }
    {
      auto environment = lmdb::Environment::open(folder.path, {.map_size = 1 << 30, .tables = 2});
      auto txn = environment->write();
      const auto groups = txn->open_table("groups", lmdb::Keys::numbers);
      const LogIndex first = 1, second = 2;
      const auto key = [](const LogIndex& index) {
        return std::string_view(reinterpret_cast<const char*>(&index), sizeof index);
      };
      if (moved) {
        const std::string row(**txn->get(*groups, key(first)));
        REQUIRE(txn->put(*groups, key(second), row));
      } else {
        REQUIRE(txn->erase(*groups, key(second)));
      }
      REQUIRE(txn->commit());
    }
    const auto done = opened(folder)->read(1, [](LogIndex, Bytes) { return true; });
    REQUIRE(!done);
    CHECK(done.error().kind == LogError::Kind::damaged);
    CHECK(done.error().message.find(moved ? "index 2" : "index 3") != std::string::npos);
  }
}

TEST_CASE("a log of another format is refused with what to do, and left as it is") {
  for (const std::string format : {"", "1", "999"}) {
    CAPTURE(format);
    Folder folder;
    {
      auto log = opened(folder);
      append(*log, {"a"});
    }
    const auto format_of = [&](const std::string* change) {
      auto environment = lmdb::Environment::open(folder.path, {.map_size = 1 << 30, .tables = 2});
      auto txn = environment->write();
      const auto meta = txn->open_table("meta");
      if (change != nullptr && change->empty()) REQUIRE(txn->erase(*meta, "format"));
      if (change != nullptr && !change->empty()) REQUIRE(txn->put(*meta, "format", *change));
      const auto found = txn->get(*meta, "format");
      const std::string text(found->value_or(""));
      REQUIRE(txn->commit());
      return text;
    };
    format_of(&format);
    for (const bool read_only : {false, true}) {
      const auto log = LmdbLog::open(folder.path, {.read_only = read_only});
      REQUIRE(!log);
      const std::string& message = log.error().message;
      CHECK(message.find("was written by another build of orch") != std::string::npos);
      CHECK(message.find("go on with that build, or give this one an empty folder") != std::string::npos);
      CHECK(message.find('\n') == std::string::npos);
    }
    CHECK(format_of(nullptr) == format);
  }
}

TEST_CASE("a file that is cut off is refused with both lengths, for reading as well") {
  Folder folder;
  {
    auto log = opened(folder);
    for (int i = 0; i < 20; ++i) append(*log, {std::string(20000, 'm')});
  }
  const std::string path = folder.path + "/data.mdb";
  for (const std::uintmax_t length : {200000u, 12288u, 8192u, 4096u}) {
    std::filesystem::resize_file(path, length);
    for (const bool read_only : {false, true}) {
      const auto log = LmdbLog::open(folder.path, {.read_only = read_only});
      REQUIRE(!log);
      CHECK(log.error().kind == LogError::Kind::damaged);
      const std::string& message = log.error().message;
      CHECK(message.find(path + " is cut off: it is " + std::to_string(length) + " bytes long") != std::string::npos);
      CHECK(message.find("; restore the data folder") != std::string::npos);
    }
  }
}

}  // namespace orch
