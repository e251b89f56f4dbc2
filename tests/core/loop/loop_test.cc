// The loop when the log or the read models refuse: nothing acknowledged is lost, nothing refused has happened, and both
// recover without a new loop.
#include <doctest/doctest.h>

#include <new>
#include <stdexcept>

#include "core/log/memory_log.h"
#include "core/loop/loop.h"
#include "tests/core/cluster.h"

using namespace orch;
using namespace orch::test;

namespace {

/// Read models that count, and that can run out of room.
class Counting final : public ProjectionPort {
 public:
  void fold(const State&, LogIndex index, const wire::Group&, const Outcome&) override {
    if (throws_at != 0 && folds++ + 1 == throws_at) throw std::bad_alloc();
    folded_ = index;
  }
  bool flush() override {
    if (!room) return false;
    visible = folded_;
    return true;
  }
  void discard() override { folded_ = visible; }

  bool room = true;
  LogIndex visible = 0;
  std::size_t throws_at = 0, folds = 0;  // the fold that throws, from 1; 0: none

 private:
  LogIndex folded_ = 0;
};

/// A log that may lose its answers.
class Forgetful final : public Log {
 public:
  bool forgets = false, writes = true;

  const std::string& id() const override { return log_.id(); }
  LogIndex head() const override { return log_.head(); }
  LogIndex oldest() const override { return log_.oldest(); }
  std::expected<LogIndex, LogError> append(std::span<const Bytes> groups) override {
    if (!forgets || writes) {
      const auto first = log_.append(groups);
      if (!forgets) return first;
    }
    return std::unexpected(LogError{LogError::Kind::outcome_unknown, "nobody knows"});
  }
  std::expected<void, LogError> read(LogIndex from, const Visitor& visit) const override {
    return log_.read(from, visit);
  }
  bool wait(LogIndex after, Duration timeout) const override { return log_.wait(after, timeout); }

 private:
  MemoryLog log_{"test"};
};

std::vector<Submission> registering(const std::string& id) {
  GroupBuilder group;
  group.register_job(service(id, 1), false, 0);
  std::vector<Submission> submissions;
  submissions.push_back({group.finish({}), [](const auto&) {}});
  return submissions;
}

struct Fixture {
  MemoryLog log{"test"};
  Counting views;
  Loop loop{log, views, "test", {}};
  std::int64_t now = 0;
  std::size_t accepted = 0;
  std::vector<LogError> errors;

  void submit(const std::vector<Job>& jobs) {
    std::vector<Submission> submissions;
    for (const Job& job : jobs) {
      GroupBuilder group;
      group.register_job(job, false, 0);
      submissions.push_back({group.finish({}), [this](const auto& answered) {
                               if (answered) ++accepted;
                               if (!answered) errors.push_back(answered.error());
                             }});
    }
    now += 1'000'000;
    while (loop.turn(submissions, {.wall = {now}, .monotonic_ns = now, .monotonic_now = {}})) continue;
    if (loop.needs_recovery()) REQUIRE(loop.recover());
  }

  std::uint64_t replayed() const {
    State state("test");
    Outcome outcome;
    REQUIRE(log.read(1, [&](LogIndex index, Bytes bytes) {
      apply(state, index, group_in(bytes), outcome);
      return true;
    }));
    return state.hash();
  }
};

}  // namespace

TEST_CASE("what a full log refuses has not happened, and room brings the loop back") {
  Fixture f;
  REQUIRE(f.loop.recover());
  f.submit({service("a", 1)});
  CHECK(f.accepted == 1);
  const LogIndex before = f.loop.state().index();

  f.log.give_room(0);
  for (int i = 0; i < 3; ++i) f.submit({service("b", 1), service("c", 1)});
  REQUIRE(f.errors.size() == 6);
  for (const LogError& error : f.errors) CHECK(error.kind == LogError::Kind::full);
  CHECK(f.loop.state().index() == before);
  CHECK(!f.loop.state().find_job("b"));
  CHECK(f.loop.refused());

  f.log.give_room(~std::size_t{0});
  f.submit({service("b", 1), service("c", 1)});
  CHECK(f.accepted == 3);
  CHECK(!f.loop.refused());
  CHECK(f.loop.state().pending().empty());
  CHECK(f.views.visible == f.log.head());
  CHECK(f.loop.state().index() == f.log.head());
  CHECK(f.loop.state().hash() == f.replayed());
}

TEST_CASE("while room is scarce a large group does not keep out a small one") {
  Fixture f;
  REQUIRE(f.loop.recover());
  f.log.give_room(0);
  f.submit({service("a", 1)});
  f.errors.clear();
  f.log.give_room(4000);
  Job large = service("large", 1);
  large.meta["text"] = std::string(10'000, 'x');
  f.submit({large, service("small", 1)});
  CHECK(f.errors.size() == 1);
  CHECK(f.accepted == 1);
  CHECK(f.loop.state().find_job("small"));
  CHECK(f.loop.state().hash() == f.replayed());
}

TEST_CASE("views without room: what is in the log stays, nothing new is taken until they have caught up") {
  Fixture f;
  REQUIRE(f.loop.recover());
  f.views.room = false;
  f.submit({service("a", 1)});
  REQUIRE(f.errors.size() == 1);
  CHECK(f.errors[0].kind == LogError::Kind::outcome_unknown);  // it is not visible
  CHECK(f.log.head() > 0);
  CHECK(f.views.visible == 0);
  f.submit({service("b", 1)});
  REQUIRE(f.errors.size() == 2);
  CHECK(f.errors[1].kind == LogError::Kind::full);
  CHECK(!f.loop.state().find_job("b"));
  f.views.room = true;
  f.submit({service("b", 1)});
  CHECK(f.accepted == 1);
  CHECK(f.loop.state().find_job("a"));
  CHECK(f.views.visible == f.log.head());
  CHECK(f.loop.state().hash() == f.replayed());
}

TEST_CASE("a loop whose recovery found no room tries again") {
  Fixture f;
  REQUIRE(f.loop.recover());
  f.submit({service("a", 1)});
  Counting fresh;
  fresh.room = false;
  Loop loop(f.log, fresh, "test", {});
  CHECK(!loop.recover());
  CHECK(loop.needs_recovery());
  fresh.room = true;
  REQUIRE(loop.recover());
  CHECK(!loop.needs_recovery());
  CHECK(loop.state().hash() == f.loop.state().hash());
  CHECK(fresh.visible == f.log.head());
}

TEST_CASE("the loop's mode says what it may do, from the first recovery to a full disk and back") {
  MemoryLog log("test");
  Counting views;
  Loop loop(log, views, "test", {});
  CHECK(loop.mode() == LoopMode::unrecovered);
  REQUIRE(loop.recover());
  CHECK(loop.mode() == LoopMode::running);

  log.give_room(0);
  auto a = registering("a");
  loop.turn(a, {.wall = {1}, .monotonic_ns = 1, .monotonic_now = {}});
  CHECK(loop.mode() == LoopMode::lost);
  REQUIRE(loop.recover());
  CHECK(loop.mode() == LoopMode::careful);
  CHECK(loop.refused());
  auto b = registering("b");
  loop.turn(b, {.wall = {2}, .monotonic_ns = 2, .monotonic_now = {}});
  CHECK(loop.mode() == LoopMode::careful);

  log.give_room(~std::size_t{0});
  views.room = false;
  auto c = registering("c");
  loop.turn(c, {.wall = {3}, .monotonic_ns = 3, .monotonic_now = {}});
  CHECK(loop.mode() == LoopMode::behind);
  loop.show();
  CHECK(loop.mode() == LoopMode::behind);
  views.room = true;
  loop.show();
  CHECK(loop.mode() == LoopMode::running);
  CHECK(!loop.refused());
}

TEST_CASE("an append whose outcome is unknown costs a recovery, and what was written counts") {
  for (const bool writes : {false, true}) {
    CAPTURE(writes);
    Forgetful log;
    Counting views;
    Loop loop(log, views, "test", {});
    REQUIRE(loop.recover());
    log.forgets = true;
    log.writes = writes;
    for (const char* id : {"a", "b"}) {  // first as usual, then carefully
      auto submissions = registering(id);
      CHECK(!loop.turn(submissions, {.wall = {1}, .monotonic_ns = 1, .monotonic_now = {}}));
      CHECK(loop.mode() == LoopMode::lost);
      REQUIRE(loop.recover());
      CHECK(loop.mode() == LoopMode::careful);
      CHECK(static_cast<bool>(loop.state().find_job(id)) == writes);
      CHECK(loop.state().index() == log.head());
    }
    log.forgets = false;
    auto c = registering("c");
    while (loop.turn(c, {.wall = {2}, .monotonic_ns = 2, .monotonic_now = {}})) continue;
    CHECK(loop.mode() == LoopMode::running);
    CHECK(loop.state().find_job("c"));
    CHECK(loop.state().index() == log.head());
    CHECK(views.visible == log.head());
  }
}

TEST_CASE("a turn that throws has not half happened: who waited hears that nobody knows, and the log says what is") {
  // The second fold of a turn is the plan of its first registration, the third the second one's; whichever throws.
  for (std::size_t at = 1; at <= 4; ++at) {
    CAPTURE(at);
    Fixture f;
    REQUIRE(f.loop.recover());
    f.submit({service("before", 1)});
    const LogIndex before = f.log.head();
    f.views.throws_at = at;
    f.views.folds = 0;
    std::vector<Submission> submissions;
    std::size_t told = 0;
    for (const char* id : {"a", "b"}) {
      GroupBuilder group;
      group.register_job(service(id, 1), false, 0);
      submissions.push_back({group.finish({}), [&](const auto& answered) {
                               REQUIRE(!answered);
                               CHECK(answered.error().kind == LogError::Kind::outcome_unknown);
                               ++told;
                             }});
    }
    f.now += 1'000'000;
    CHECK_THROWS(f.loop.turn(submissions, {.wall = {f.now}, .monotonic_ns = f.now, .monotonic_now = {}}));
    f.loop.abandon(submissions, "no memory");
    CHECK(submissions.empty());
    CHECK(told >= 1);  // but for a group that was on its way, whose completion went with it
    CHECK(f.loop.needs_recovery());
    REQUIRE(f.loop.recover());
    CHECK(f.log.head() == before);
    CHECK(!f.loop.state().find_job("a"));
    CHECK(f.loop.state().hash() == f.replayed());
    f.submit({service("a", 1)});
    CHECK(f.accepted == 2);
    CHECK(f.loop.state().hash() == f.replayed());
  }
}

TEST_CASE("an answer that throws keeps no other from its own, and the loop goes on") {
  Fixture f;
  REQUIRE(f.loop.recover());
  std::vector<Submission> submissions;
  for (const char* id : {"a", "b", "c"}) {
    GroupBuilder group;
    group.register_job(service(id, 1), false, 0);
    submissions.push_back({group.finish({}), [&f](const auto& answered) {
                             if (answered) ++f.accepted;
                             throw std::runtime_error("a reader's complaint");
                           }});
  }
  while (f.loop.turn(submissions, {.wall = {1}, .monotonic_ns = 1, .monotonic_now = {}})) continue;
  CHECK(f.accepted == 3);
  CHECK(!f.loop.needs_recovery());
  CHECK(f.loop.state().hash() == f.replayed());
}
