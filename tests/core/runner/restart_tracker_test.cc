#include "core/runner/restart_tracker.h"

#include <doctest/doctest.h>

#include "tests/core/runner/transcript.h"

using namespace orch;
using namespace orch::test;
using Kind = RestartDecision::Kind;

namespace {
const RestartPolicy three_in_half_an_hour{.attempts = 3, .interval = minutes(30), .delay = seconds(15), .mode = "fail"};
const TaskExit failed{.exit_code = 1};
}  // namespace

TEST_CASE("a service restarts within its policy, then gives up") {
  RestartTracker tracker(three_in_half_an_hour, true, {});
  for (int i = 0; i < 3; ++i) {
    const RestartDecision decision = tracker.exited(at(i, 0.5), failed);
    CHECK(decision.kind == Kind::restart);
    CHECK(decision.delay == milliseconds(16'875));
    CHECK(decision.reason == "Restart within policy");
  }
  const RestartDecision last = tracker.exited(at(4), failed);
  CHECK(last.kind == Kind::give_up);
  CHECK(last.reason == "Exceeded allowed attempts 3 in interval 30m0s and mode is \"fail\"");
}

TEST_CASE("a new interval forgets the attempts of the last one") {
  RestartTracker tracker(three_in_half_an_hour, true, {});
  for (int i = 0; i < 3; ++i) tracker.exited(at(i), failed);
  CHECK(tracker.exited(at(1801), failed).kind == Kind::restart);
  CHECK(tracker.state().count == 1);
}

TEST_CASE("mode delay waits for the interval's end") {
  RestartPolicy policy = three_in_half_an_hour;
  policy.mode = "delay";
  RestartTracker tracker(policy, true, {});
  for (int i = 0; i < 3; ++i) tracker.exited(at(i), failed);
  const RestartDecision decision = tracker.exited(at(100), failed);
  CHECK(decision.kind == Kind::restart);
  CHECK(decision.delay == seconds(1700));
  CHECK(decision.reason == "Exceeded allowed attempts, applying a delay");
}

TEST_CASE("success ends a batch task and restarts a service") {
  RestartTracker batch(three_in_half_an_hour, false, {});
  CHECK(batch.exited(at(1), {}).kind == Kind::done);
  CHECK(batch.exited(at(1), {.exit_code = 0, .signal = 9}).kind == Kind::restart);
  RestartTracker service(three_in_half_an_hour, true, {});
  CHECK(service.exited(at(1), {}).kind == Kind::restart);
}

TEST_CASE("no attempts: no restarts") {
  RestartPolicy policy = three_in_half_an_hour;
  policy.attempts = 0;
  RestartTracker tracker(policy, false, {});
  CHECK(tracker.exited(at(1), failed).reason == "Policy allows no restarts");
  CHECK(tracker.exited(at(1), {}).kind == Kind::done);
  CHECK(tracker.start_failed(at(1), true).kind == Kind::give_up);
  CHECK(tracker.triggered(at(1), false).kind == Kind::restart);
}

TEST_CASE("a start that cannot be tried again gives up at once") {
  RestartTracker tracker(three_in_half_an_hour, true, {});
  CHECK(tracker.start_failed(at(1), true).kind == Kind::restart);
  const RestartDecision decision = tracker.start_failed(at(2), false);
  CHECK(decision.kind == Kind::give_up);
  CHECK(decision.reason == "Error was unrecoverable");
}

TEST_CASE("a count that began in the future begins now") {
  RestartTracker tracker(three_in_half_an_hour, true, {});
  tracker.restore({.count = 2, .interval_start = seconds(5000).ns}, at(10).elapsed);
  CHECK(tracker.state().interval_start == seconds(10).ns);
  CHECK(tracker.exited(at(11), failed).kind == Kind::restart);
  CHECK(tracker.exited(at(12), failed).kind == Kind::give_up);
}
