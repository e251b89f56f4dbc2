#include "core/runner/alloc_runner.h"

#include <doctest/doctest.h>

#include "tests/core/runner/transcript.h"

using namespace orch;
using namespace orch::test;

namespace {
const TaskExit exit_1{.exit_code = 1};
}

TEST_CASE("a service task runs, is stopped, and tells what the recording tells") {
  AllocRunner alloc(assignment_of(job_of("service", {task_named("redis")})), at(0));
  CHECK(alloc.client_status() == ClientStatus::pending);
  CHECK(alloc.client_description().empty());
  // Without a deployment the migrate policy's times decide on health: 5 minutes at most.
  CHECK(lines(alloc.start(at(0))) == Lines{"persist", "redis: start_driver", "set_timer 5m0s", "report"});
  CHECK(lines(alloc.driver_message(at(0.1), "redis", "Downloading image redis:3.2")) == Lines{"persist", "report"});
  CHECK(lines(alloc.driver_started(at(1), "redis", "h1")) == Lines{"persist", "set_timer 11s", "report"});
  CHECK(alloc.client_status() == ClientStatus::running);
  CHECK(alloc.client_description().empty());
  CHECK(lines(alloc.timer_due(at(11), "")) == Lines{"persist", "report"});
  CHECK(alloc.health() == Health::healthy);

  CHECK(lines(alloc.stop(at(20))) == Lines{"persist", "redis: stop_driver h1 5s", "report"});
  CHECK(lines(alloc.stop(at(20))).empty());
  CHECK(lines(alloc.exited(at(21), "redis", "h1", exit_1)) == Lines{"persist"});
  CHECK(lines(alloc.kill_finished(at(21), "redis", "h1", "")) == Lines{"persist", "redis: destroy h1", "report"});
  CHECK(alloc.client_status() == ClientStatus::complete);
  CHECK(alloc.client_description().empty());
  CHECK(alloc.is_finished());
  CHECK(events_of(alloc, "redis") == Lines{
                                         "Received: Task received by client",
                                         "Task Setup: Building Task Directory",
                                         "Driver: Downloading image redis:3.2",
                                         "Started: Task started by client",
                                         "Killing: Sent interrupt. Waiting 5s before force killing",
                                         "Killed: Task successfully killed",
                                     });
}

TEST_CASE("a failing task restarts within its policy and then fails the allocation") {
  Job job = job_of("service", {task_named("t")});
  job.task_groups[0].restart =
      RestartPolicy{.attempts = 1, .interval = minutes(5), .delay = seconds(1), .mode = "fail"};
  AllocRunner alloc(assignment_of(std::move(job)), at(0));
  alloc.start(at(0));
  alloc.driver_started(at(0.1), "t", "h1");
  CHECK(lines(alloc.exited(at(0.5, 0.095740224), "t", "h1", exit_1)) ==
        Lines{"persist", "t: destroy h1", "t: set_timer 1.523935056s", "set_timer 5m0s", "report"});
  CHECK(alloc.client_status() == ClientStatus::pending);
  CHECK(lines(alloc.timer_due(at(1.2), "t")).empty());  // too early: a timer that was replaced
  CHECK(lines(alloc.timer_due(at(1.6), "t")) == Lines{"persist", "t: start_driver"});
  alloc.driver_started(at(1.7), "t", "h2");
  CHECK(lines(alloc.exited(at(1.8), "t", "h1", exit_1)).empty());  // told again of the first start
  CHECK(lines(alloc.exited(at(2), "t", "h2", exit_1)) == Lines{"persist", "t: destroy h2", "report"});
  CHECK(alloc.client_status() == ClientStatus::failed);
  CHECK(alloc.client_description().empty());
  CHECK(alloc.health() == Health::unhealthy);
  const TaskState state = alloc.task_states().at("t");
  CHECK(state.failed);
  CHECK(state.restarts == 1);
  CHECK(state.last_restart == at(0.5).wall);
  CHECK(state.started_at == at(1.7).wall);
  CHECK(state.finished_at == at(2).wall);
  CHECK(events_of(alloc, "t") ==
        Lines{
            "Received: Task received by client",
            "Task Setup: Building Task Directory",
            "Started: Task started by client",
            "Terminated: Exit Code: 1",
            "Restarting: Task restarting in 1.023935056s",
            "Started: Task started by client",
            "Terminated: Exit Code: 1",
            "Not Restarting: Exceeded allowed attempts 1 in interval 5m0s and mode is \"fail\"",
        });
}

TEST_CASE("a batch allocation completes when all of its tasks have") {
  AllocRunner alloc(assignment_of(job_of("batch", {task_named("a"), task_named("b")})), at(0));
  CHECK(lines(alloc.start(at(0))) == Lines{"persist", "a: start_driver", "b: start_driver", "report"});
  alloc.driver_started(at(1), "a", "ha");
  alloc.driver_started(at(1), "b", "hb");
  CHECK(lines(alloc.exited(at(2), "a", "ha", {})) == Lines{"persist", "a: destroy ha", "report"});
  CHECK(alloc.client_status() == ClientStatus::running);
  alloc.exited(at(3), "b", "hb", {});
  CHECK(alloc.client_status() == ClientStatus::complete);
  CHECK(alloc.health() == Health::unset);
  CHECK(events_of(alloc, "a").back() == "Terminated: Exit Code: 0");
}

TEST_CASE("siblings of a failed task are killed, whatever they are doing") {
  AllocRunner alloc(
      assignment_of(job_of("batch", {task_named("a"), task_named("b"), task_named("c"), task_named("d")})), at(0));
  alloc.start(at(0));
  alloc.driver_started(at(1), "a", "ha");
  alloc.driver_started(at(1), "b", "hb");
  alloc.exited(at(2), "b", "hb", exit_1);  // in its restart delay
  alloc.driver_started(at(2), "d", "hd");
  // c is being started still.
  CHECK(lines(alloc.driver_start_failed(at(3), "c", {"no such image", true})).back() == "report");
  alloc.timer_due(at(18), "c");
  CHECK(lines(alloc.driver_start_failed(at(19), "c", {"no such image", false})) ==
        Lines{"persist", "a: stop_driver ha 5s", "d: stop_driver hd 5s", "report"});
  CHECK(alloc.client_status() == ClientStatus::failed);
  CHECK(events_of(alloc, "b").back() == "Sibling Task Failed: Task's sibling \"c\" failed");
  CHECK(events_of(alloc, "c").back() == "Not Restarting: Error was unrecoverable");
  alloc.kill_finished(at(20), "a", "ha", "");
  CHECK_FALSE(alloc.is_finished());
  alloc.kill_finished(at(20), "d", "hd", "");
  CHECK(alloc.is_finished());
  CHECK_FALSE(alloc.task_states().at("a").failed);
  CHECK(alloc.task_states().at("a").events[3].failed_sibling == "c");
}

TEST_CASE("a stop while the driver still starts the task waits for the answer") {
  AllocRunner alloc(assignment_of(job_of("service", {task_named("t")})), at(0));
  alloc.start(at(0));
  CHECK(lines(alloc.stop(at(1))) == Lines{"persist"});
  CHECK(lines(alloc.driver_started(at(2), "t", "h1")) == Lines{"persist", "t: stop_driver h1 5s", "report"});
  alloc.kill_finished(at(3), "t", "h1", "");
  CHECK(alloc.client_status() == ClientStatus::complete);
}

TEST_CASE("the leader's end ends the others, and a stop ends the leader first") {
  Task leader = task_named("main");
  leader.leader = true;
  const Job job = job_of("batch", {leader, task_named("side")});
  {
    AllocRunner alloc(assignment_of(job), at(0));
    alloc.start(at(0));
    alloc.driver_started(at(1), "main", "hm");
    alloc.driver_started(at(1), "side", "hs");
    CHECK(lines(alloc.exited(at(2), "main", "hm", {})) ==
          Lines{"persist", "main: destroy hm", "side: stop_driver hs 5s", "report"});
    alloc.kill_finished(at(3), "side", "hs", "");
    CHECK(alloc.client_status() == ClientStatus::complete);
  }
  AllocRunner alloc(assignment_of(job), at(0));
  alloc.start(at(0));
  alloc.driver_started(at(1), "main", "hm");
  alloc.driver_started(at(1), "side", "hs");
  CHECK(lines(alloc.stop(at(2))) == Lines{"persist", "main: stop_driver hm 5s", "report"});
  CHECK(lines(alloc.kill_finished(at(3), "main", "hm", "")) ==
        Lines{"persist", "main: destroy hm", "side: stop_driver hs 5s", "report"});
}

TEST_CASE("a stop that the driver cannot carry out is told after a while, and tried on") {
  AllocRunner alloc(assignment_of(job_of("batch", {task_named("t")})), at(0));
  alloc.start(at(0));
  alloc.driver_started(at(0), "t", "h1");
  alloc.stop(at(0));
  CHECK(lines(alloc.kill_finished(at(0), "t", "h1", "engine away")) == Lines{"persist", "t: set_timer 5s"});
  CHECK(lines(alloc.timer_due(at(5), "t")) == Lines{"t: stop_driver h1 5s"});
  for (int i = 1; i < 4; ++i) {
    alloc.kill_finished(at(i * 100), "t", "h1", "engine away");
    alloc.timer_due(at(i * 100 + 99), "t");
  }
  CHECK(lines(alloc.kill_finished(at(500), "t", "h1", "engine away")) ==
        Lines{"persist", "t: set_timer 9m40s", "report"});
  CHECK(events_of(alloc, "t").back() == "Killed: engine away");
  CHECK(lines(alloc.timer_due(at(580), "t")) == Lines{"t: stop_driver h1 5s"});
  CHECK(alloc.client_status() == ClientStatus::running);
  CHECK(lines(alloc.exited(at(600), "t", "h1", exit_1)) == Lines{"persist", "t: destroy h1", "report"});
  CHECK(events_of(alloc, "t").back() == "Killed: Task successfully killed");
  CHECK(alloc.is_finished());
}

TEST_CASE("shutdown_delay lies between the catalogue and the signal") {
  Task task = task_named("web");
  task.shutdown_delay = seconds(3);
  task.kill_signal = "SIGTERM";
  task.kill_timeout = minutes(5);
  task.services.push_back({.name = "web"});
  AllocRunner alloc(assignment_of(job_of("batch", {task})), at(0));
  alloc.start(at(0));
  CHECK(lines(alloc.driver_started(at(0), "web", "h1")) == Lines{"persist", "web: set_services h1", "report"});
  CHECK(lines(alloc.stop(at(10))) == Lines{"persist", "web: remove_services h1", "web: set_timer 13s"});
  CHECK(lines(alloc.timer_due(at(13), "web")) == Lines{"persist", "web: stop_driver h1 SIGTERM 30s", "report"});
}

TEST_CASE("an agent that comes back goes on where it was") {
  const Job job = job_of("batch", {task_named("a"), task_named("b"), task_named("c"), task_named("d")});
  AllocRunner before(assignment_of(job), at(0));
  before.start(at(0));
  before.driver_started(at(1), "a", "ha");
  before.driver_started(at(1), "b", "hb");
  before.driver_started(at(1), "c", "hc");
  before.exited(at(2), "b", "hb", exit_1);
  before.restart_task(at(2), "c", "");
  const AllocSnapshot snapshot = before.snapshot();

  AllocRunner alloc(assignment_of(job), snapshot, at(9));
  CHECK(alloc.snapshot() == snapshot);
  CHECK(lines(alloc.resume(at(9))) == Lines{"persist", "a: recover_driver ha", "b: set_timer 17s",
                                            "c: recover_driver hc", "d: start_driver", "report"});
  CHECK(lines(alloc.recovered(at(9), "a")) == Lines{"persist"});
  CHECK(alloc.task_states().at("a").started_at == at(1).wall);
  CHECK(lines(alloc.recovered(at(9), "c")) == Lines{"persist", "c: stop_driver hc 5s"});
  CHECK(lines(alloc.kill_finished(at(10), "c", "hc", "")) ==
        Lines{"persist", "c: destroy hc", "c: start_driver", "report"});
  // What ended meanwhile is told by the driver's wait.
  CHECK(lines(alloc.exited(at(11), "a", "ha", {})) == Lines{"persist", "a: destroy ha", "report"});
}

TEST_CASE("a task that cannot be taken up again follows its restart policy") {
  const Job job = job_of("service", {task_named("t")});
  AllocRunner before(assignment_of(job), at(0));
  before.start(at(0));
  before.driver_started(at(1), "t", "h1");
  AllocRunner alloc(assignment_of(job), before.snapshot(), at(9));
  alloc.resume(at(9));
  CHECK(lines(alloc.recover_failed(at(9), "t", "container h1 is gone")) ==
        Lines{"persist", "t: destroy h1", "t: set_timer 24s", "set_timer 5m9s", "report"});
  CHECK(events_of(alloc, "t").back() == "Restarting: Task restarting in 15s");
}

TEST_CASE("an allocation that cannot run fails as a whole and says why") {
  AllocRunner alloc(assignment_of(job_of("service", {task_named("t")})), at(0));
  CHECK(lines(alloc.fail(at(0), "alloc dir: no space left")) == Lines{"persist", "report"});
  CHECK(alloc.client_status() == ClientStatus::failed);
  CHECK(alloc.client_description() == "alloc dir: no space left");
  CHECK(alloc.is_finished());

  AllocAssignment wrong = assignment_of(job_of("service", {task_named("t")}));
  wrong.group_name = "other";
  AllocRunner none(std::move(wrong), at(0));
  none.start(at(0));
  CHECK(none.client_description() == "the job has no task group \"other\"");
}

TEST_CASE("a version of the job without the allocation's group changes nothing") {
  Task task = task_named("t");
  task.services = {Service{.name = "s"}};
  AllocRunner alloc(assignment_of(job_of("service", {task})), at(0));
  alloc.start(at(0));
  AllocAssignment other = assignment_of(job_of("service", {task}));
  other.group_name = "other";
  CHECK(alloc.update(at(1), std::move(other)).empty());
  CHECK(alloc.assignment().group() != nullptr);
  CHECK(!alloc.driver_started(at(2), "t", "h1").empty());
  CHECK(alloc.client_status() == ClientStatus::running);
}

TEST_CASE("a failed setup fails the task at once") {
  AllocRunner alloc(assignment_of(job_of("batch", {task_named("t")})), at(0));
  alloc.start(at(0));
  CHECK(lines(alloc.setup_failed(at(1), "t", "mkdir: no space left")) == Lines{"persist", "report"});
  CHECK(events_of(alloc, "t").back() == "Setup Failure: mkdir: no space left");
  CHECK(alloc.client_status() == ClientStatus::failed);
}

TEST_CASE("restarts and signals that users ask for") {
  AllocRunner alloc(assignment_of(job_of("batch", {task_named("t")})), at(0));
  alloc.start(at(0));
  CHECK(lines(alloc.restart_task(at(0), "t", "")).empty());
  alloc.driver_started(at(1), "t", "h1");
  CHECK(lines(alloc.signal_task(at(2), "t", "SIGHUP")) == Lines{"persist", "t: signal_driver h1 SIGHUP", "report"});
  alloc.restart_task(at(3), "t", "User requested restart");
  CHECK(lines(alloc.kill_finished(at(4), "t", "h1", "")) ==
        Lines{"persist", "t: destroy h1", "t: start_driver", "report"});
  const Lines events = events_of(alloc, "t");
  CHECK(events[4] == "Restart Signaled: User requested restart");
  CHECK(events.back() == "Restarting: Task restarting in 0s");
  CHECK(lines(alloc.signal_task(at(4), "nobody", "SIGHUP")).empty());
}
