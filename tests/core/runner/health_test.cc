#include <doctest/doctest.h>

#include "core/runner/alloc_runner.h"
#include "tests/core/runner/transcript.h"

using namespace orch;
using namespace orch::test;

namespace {

Job deployed_job(bool with_check, std::optional<CheckRestart> check_restart = {}) {
  Task task = task_named("redis");
  if (with_check) {
    Service service{.name = "redis-cache"};
    service.checks.push_back({.check_restart = check_restart, .name = "alive", .type = "tcp"});
    task.services.push_back(service);
  }
  Job job = job_of("service", {task});
  job.task_groups[0].update =
      UpdateStrategy{.min_healthy_time = seconds(10), .healthy_deadline = minutes(3), .health_check = "checks"};
  return job;
}

const CheckRef alive{"redis", 0, 0};

}  // namespace

TEST_CASE("checks have to pass for min_healthy_time without a break") {
  AllocRunner alloc(assignment_of(deployed_job(true), "d1"), at(0));
  CHECK(lines(alloc.start(at(0))) == Lines{"persist", "redis: start_driver", "set_timer 3m0s", "report"});
  CHECK(lines(alloc.driver_started(at(1), "redis", "h1")) == Lines{"persist", "redis: set_services h1", "report"});
  CHECK(lines(alloc.check_result(at(2), alive, CheckStatus::passing, "")) == Lines{"set_timer 12s"});
  CHECK(lines(alloc.check_result(at(7), alive, CheckStatus::critical, "refused")) == Lines{"set_timer 3m0s"});
  CHECK(lines(alloc.check_result(at(9), alive, CheckStatus::passing, "")) == Lines{"set_timer 19s"});
  CHECK(alloc.timer_due(at(12), "").size() == 1);  // an old timer only sets the right one again
  CHECK(alloc.health() == Health::unset);
  CHECK(lines(alloc.timer_due(at(19), "")) == Lines{"persist", "report"});
  CHECK(alloc.health() == Health::healthy);
  CHECK(alloc.checks().at("redis").front().second.status() == CheckStatus::passing);
}

TEST_CASE("the deadline says what was wrong") {
  SUBCASE("the check never passed") {
    AllocRunner alloc(assignment_of(deployed_job(true), "d1"), at(0));
    alloc.start(at(0));
    alloc.driver_started(at(1), "redis", "h1");
    alloc.check_result(at(2), alive, CheckStatus::critical, "refused");
    CHECK(lines(alloc.timer_due(at(180), "")) == Lines{"persist", "report"});
    CHECK(alloc.health() == Health::unhealthy);
    CHECK(events_of(alloc, "redis").back() == "Alloc Unhealthy: Services not healthy by deadline: redis-cache");
  }
  SUBCASE("the task never ran") {
    AllocRunner alloc(assignment_of(deployed_job(false), "d1"), at(0));
    alloc.start(at(0));
    alloc.timer_due(at(180), "");
    CHECK(events_of(alloc, "redis").back() == "Alloc Unhealthy: Task not running by deadline");
  }
  SUBCASE("the task ran too late") {
    AllocRunner alloc(assignment_of(deployed_job(false), "d1"), at(0));
    alloc.start(at(0));
    alloc.driver_started(at(175), "redis", "h1");
    alloc.timer_due(at(180), "");
    CHECK(events_of(alloc, "redis").back() ==
          "Alloc Unhealthy: Task not running for min_healthy_time of 10s by deadline");
  }
  SUBCASE("the task failed") {
    AllocRunner alloc(assignment_of(deployed_job(false), "d1"), at(0));
    alloc.start(at(0));
    alloc.driver_start_failed(at(1), "redis", {"no such image", false});
    CHECK(alloc.health() == Health::unhealthy);
    CHECK(events_of(alloc, "redis").back() == "Alloc Unhealthy: Unhealthy because of failed task");
  }
}

TEST_CASE("a restart begins the healthy time anew") {
  AllocRunner alloc(assignment_of(deployed_job(false), "d1"), at(0));
  alloc.start(at(0));
  alloc.driver_started(at(1), "redis", "h1");
  alloc.exited(at(5), "redis", "h1", {.exit_code = 1});
  CHECK(alloc.health() == Health::unset);
  alloc.timer_due(at(20), "redis");
  CHECK(lines(alloc.driver_started(at(21), "redis", "h2")) == Lines{"persist", "set_timer 31s", "report"});
  alloc.timer_due(at(31), "");
  CHECK(alloc.health() == Health::healthy);
}

TEST_CASE("an update in place keeps the task and watches health for the new deployment") {
  AllocRunner alloc(assignment_of(deployed_job(true), "d1"), at(0));
  alloc.start(at(0));
  alloc.driver_started(at(1), "redis", "h1");
  alloc.check_result(at(2), alive, CheckStatus::passing, "");
  alloc.timer_due(at(12), "");
  REQUIRE(alloc.health() == Health::healthy);
  CHECK(lines(alloc.update(at(30), assignment_of(deployed_job(true), "d2"))) ==
        Lines{"persist", "redis: set_services h1", "set_timer 40s", "report"});
  CHECK(alloc.health() == Health::unset);
  alloc.timer_due(at(40), "");
  CHECK(alloc.health() == Health::healthy);
  CHECK(alloc.client_status() == ClientStatus::running);
  // The same again changes nothing.
  CHECK(lines(alloc.update(at(41), assignment_of(deployed_job(true), "d2"))) ==
        Lines{"persist", "redis: set_services h1"});
  CHECK(alloc.health() == Health::healthy);
}

TEST_CASE("health is decided once: a restarted agent does not ask again") {
  AllocRunner before(assignment_of(deployed_job(false), "d1"), at(0));
  before.start(at(0));
  before.driver_started(at(1), "redis", "h1");
  before.timer_due(at(11), "");
  AllocRunner alloc(assignment_of(deployed_job(false), "d1"), before.snapshot(), at(20));
  CHECK(alloc.health() == Health::healthy);
  CHECK(lines(alloc.resume(at(20))) == Lines{"redis: recover_driver h1", "report"});
  AllocRunner newer(assignment_of(deployed_job(false), "d2"), before.snapshot(), at(20));
  CHECK(newer.health() == Health::unset);
}

TEST_CASE("manual health and batch jobs are not watched") {
  Job job = deployed_job(false);
  job.task_groups[0].update->health_check = "manual";
  AllocRunner alloc(assignment_of(job, "d1"), at(0));
  CHECK(lines(alloc.start(at(0))) == Lines{"persist", "redis: start_driver", "report"});
}

TEST_CASE("check_restart counts failures in a row after the grace period") {
  AllocRunner alloc(assignment_of(deployed_job(true, CheckRestart{.limit = 2, .grace = seconds(10)}), "d1"), at(0));
  alloc.start(at(0));
  alloc.driver_started(at(1), "redis", "h1");
  for (double t : {5.0, 8.0, 10.0}) alloc.check_result(at(t), alive, CheckStatus::critical, "refused");
  alloc.check_result(at(12), alive, CheckStatus::critical, "refused");
  alloc.check_result(at(13), alive, CheckStatus::passing, "");
  alloc.check_result(at(14), alive, CheckStatus::warning, "slow");
  CHECK(lines(alloc.check_result(at(15), alive, CheckStatus::critical, "refused")) ==
        Lines{"persist", "redis: remove_services h1", "redis: stop_driver h1 5s", "report"});
  CHECK(events_of(alloc, "redis")[3] == "Restart Signaled: healthcheck: check \"alive\" unhealthy");
  CHECK(lines(alloc.kill_finished(at(16), "redis", "h1", "")) ==
        Lines{"persist", "redis: destroy h1", "redis: set_timer 31s", "report"});
  CHECK(lines(alloc.check_result(at(16), alive, CheckStatus::critical, "refused")).empty());
}
