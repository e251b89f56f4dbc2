#include "core/runner/task_event.h"

#include <doctest/doctest.h>

using namespace orch;

TEST_CASE("descriptions are those of the recorded walkthrough") {
  const WallTime t{1};
  CHECK(display_message(received_event(t)) == "Task received by client");
  CHECK(display_message(task_setup_event(t, "Building Task Directory")) == "Building Task Directory");
  CHECK(display_message(driver_event(t, "Downloading image redis:3.2")) == "Downloading image redis:3.2");
  CHECK(display_message(started_event(t)) == "Task started by client");
  CHECK(display_message(terminated_event(t, 1, 0, "", false)) == "Exit Code: 1");
  CHECK(display_message(terminated_event(t, 137, 9, "OOM Killed", true)) ==
        "Exit Code: 137, Signal: 9, Exit Message: \"OOM Killed\"");
  CHECK(display_message(restarting_event(t, {1'023'935'056}, "Restart within policy")) ==
        "Task restarting in 1.023935056s");
  CHECK(display_message(restarting_event(t, seconds(60), "Exceeded allowed attempts, applying a delay")) ==
        "Exceeded allowed attempts, applying a delay - Task restarting in 1m0s");
  CHECK(display_message(not_restarting_event(t, "Policy allows no restarts")) == "Policy allows no restarts");
  CHECK(display_message(killing_event(t, seconds(5), "")) == "Sent interrupt. Waiting 5s before force killing");
  CHECK(display_message(killed_event(t, "")) == "Task successfully killed");
  CHECK(display_message(killed_event(t, "engine away")) == "engine away");
  CHECK(display_message(sibling_failed_event(t, "web")) == "Task's sibling \"web\" failed");
  CHECK(display_message(leader_dead_event(t)) == "Leader Task in Group dead");
  CHECK(display_message(signaling_event(t, "SIGHUP", "")) == "Task being sent signal SIGHUP");
  CHECK(display_message(restart_signaled_event(t, "")) == "Task signaled to restart");
  CHECK(display_message(alloc_unhealthy_event(t, "Task not running by deadline")) == "Task not running by deadline");
}

TEST_CASE("details hold what the fields hold") {
  CHECK(killing_event({1}, seconds(5), "").details == StringMap{{"kill_timeout", "5s"}});
  CHECK(terminated_event({1}, 2, 0, "", false).details == StringMap{{"exit_code", "2"}, {"signal", "0"}});
  CHECK(started_event({1}).details.empty());
  CHECK(not_restarting_event({1}, "x").details == StringMap{{"fails_task", "true"}, {"restart_reason", "x"}});
}

TEST_CASE("ten events are kept") {
  std::vector<TaskEvent> events;
  for (int i = 0; i < 25; ++i) append_event(events, started_event({i}));
  REQUIRE(events.size() == task_events_max);
  CHECK(events.front().time.ns == 15);
  CHECK(events.back().time.ns == 24);
}
