#include "core/runner/snapshot_json.h"

#include <doctest/doctest.h>

#include "tests/core/runner/transcript.h"

using namespace orch;
using namespace orch::test;

TEST_CASE("a snapshot comes back from its text") {
  AllocRunner alloc(assignment_of(job_of("service", {task_named("a"), task_named("b"), task_named("c")}), "d1"), at(0));
  alloc.start(at(0));
  alloc.driver_started(at(1), "a", "{\"id\":\"h\\a\"}");
  alloc.driver_started(at(1), "b", "hb");
  alloc.exited(at(2, 0.7), "b", "hb", {.exit_code = 137, .signal = 9, .oom_killed = true});
  alloc.driver_start_failed(at(3), "c", {"no \"image\"\n", false});
  const AllocSnapshot snapshot = alloc.snapshot();
  const auto back = snapshot_from_json(snapshot_to_json(snapshot));
  REQUIRE(back);
  CHECK(*back == snapshot);
  CHECK(snapshot_from_json(snapshot_to_json({})).value() == AllocSnapshot{});
}

TEST_CASE("a snapshot that does not fit says where") {
  CHECK(snapshot_from_json("nonsense").error().starts_with("snapshot: not JSON"));
  CHECK(snapshot_from_json("[]").error() == "snapshot: expected an object");
  CHECK(snapshot_from_json(R"({"Tasks":{"redis":{"Phase":8}}})").error() ==
        "Tasks.redis.Phase: expected a number below 8");
  CHECK(snapshot_from_json(R"({"Tasks":{"redis":{"State":{"Events":[{"Type":1}]}}}})").error() ==
        "Tasks.redis.State.Events[0].Type: expected text");
  CHECK(snapshot_from_json(R"({"Stopping":1})").error() == "Stopping: expected true or false");
}
