#include "core/runner/task_states_json.h"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <span>
#include <string>

#include "core/model/job_json.h"
#include "core/model/tables.h"
#include "tests/core/runner/transcript.h"

using namespace orch;
using namespace orch::test;

namespace {

/// A replaced allocation of the example job, as Nomad 0.8.7 answered it; line ends are for reading only.
const char* const recorded = R"(
{"redis":{"Events":[{"Details":{},"DiskLimit":0,"DisplayMessage":"Task received by client","DownloadError":"",
"DriverError":"","DriverMessage":"","ExitCode":0,"FailedSibling":"","FailsTask":false,"GenericSource":"",
"KillError":"","KillReason":"","KillTimeout":0,"Message":"","RestartReason":"","SetupError":"","Signal":0,
"StartDelay":0,"TaskSignal":"","TaskSignalReason":"","Time":1795461538783423284,"Type":"Received",
"ValidationError":"","VaultError":""},{"Details":{"message":"Building Task Directory"},"DiskLimit":0,
"DisplayMessage":"Building Task Directory","DownloadError":"","DriverError":"","DriverMessage":"","ExitCode":0,
"FailedSibling":"","FailsTask":false,"GenericSource":"","KillError":"","KillReason":"","KillTimeout":0,
"Message":"Building Task Directory","RestartReason":"","SetupError":"","Signal":0,"StartDelay":0,
"TaskSignal":"","TaskSignalReason":"","Time":1795461538783816938,"Type":"Task Setup","ValidationError":"",
"VaultError":""},{"Details":{},"DiskLimit":0,"DisplayMessage":"Task started by client","DownloadError":"",
"DriverError":"","DriverMessage":"","ExitCode":0,"FailedSibling":"","FailsTask":false,"GenericSource":"",
"KillError":"","KillReason":"","KillTimeout":0,"Message":"","RestartReason":"","SetupError":"","Signal":0,
"StartDelay":0,"TaskSignal":"","TaskSignalReason":"","Time":1795461539374659260,"Type":"Started",
"ValidationError":"","VaultError":""},{"Details":{"message":"Service checks not registered"},"DiskLimit":0,
"DisplayMessage":"Service checks not registered","DownloadError":"","DriverError":"","DriverMessage":"",
"ExitCode":0,"FailedSibling":"","FailsTask":false,"GenericSource":"","KillError":"","KillReason":"",
"KillTimeout":0,"Message":"Service checks not registered","RestartReason":"","SetupError":"","Signal":0,
"StartDelay":0,"TaskSignal":"","TaskSignalReason":"","Time":1795461718784153842,"Type":"Alloc Unhealthy",
"ValidationError":"","VaultError":""},{"Details":{"kill_timeout":"5s"},"DiskLimit":0,
"DisplayMessage":"Sent interrupt. Waiting 5s before force killing","DownloadError":"","DriverError":"",
"DriverMessage":"","ExitCode":0,"FailedSibling":"","FailsTask":false,"GenericSource":"","KillError":"",
"KillReason":"","KillTimeout":5000000000,"Message":"","RestartReason":"","SetupError":"","Signal":0,
"StartDelay":0,"TaskSignal":"","TaskSignalReason":"","Time":1795461837485138240,"Type":"Killing",
"ValidationError":"","VaultError":""},{"Details":{},"DiskLimit":0,"DisplayMessage":"Task successfully killed",
"DownloadError":"","DriverError":"","DriverMessage":"","ExitCode":0,"FailedSibling":"","FailsTask":false,
"GenericSource":"","KillError":"","KillReason":"","KillTimeout":0,"Message":"","RestartReason":"",
"SetupError":"","Signal":0,"StartDelay":0,"TaskSignal":"","TaskSignalReason":"","Time":1795461837777702595,
"Type":"Killed","ValidationError":"","VaultError":""}],"Failed":false,
"FinishedAt":"2026-11-23T19:24:01.816678707Z","LastRestart":"0001-01-01T00:00:00Z","Restarts":0,
"StartedAt":"2026-11-23T19:18:59.386629313Z","State":"dead"}}
)";

std::string without_line_ends(std::string text) {
  std::erase(text, '\n');
  return text;
}

}  // namespace

TEST_CASE("task states are written as the recording has them") {
  TaskState state;
  state.life = TaskLife::dead;
  state.started_at = {1795461539386629313};
  state.finished_at = {1795461841816678707};
  append_event(state.events, received_event({1795461538783423284}));
  append_event(state.events, task_setup_event({1795461538783816938}, "Building Task Directory"));
  append_event(state.events, started_event({1795461539374659260}));
  append_event(state.events, alloc_unhealthy_event({1795461718784153842}, "Service checks not registered"));
  append_event(state.events, killing_event({1795461837485138240}, seconds(5), ""));
  append_event(state.events, killed_event({1795461837777702595}, ""));
  CHECK(task_states_json({{"redis", state}}) == without_line_ends(recorded));
}

TEST_CASE("what Nomad's clients report goes through the log's table and comes out as it was") {
  const auto read = task_states_from_json(boost::json::parse(recorded));
  REQUIRE(read);
  const std::string bytes = encode_task_states(*read);
  const auto back = decode_task_states(std::as_bytes(std::span(bytes)));
  REQUIRE(back);
  CHECK(*back == *read);
  CHECK(task_states_json(back->tasks) == without_line_ends(recorded));
}

TEST_CASE("task states of the wrong kind are named") {
  const auto why = [](const char* text) {
    const auto read = task_states_from_json(boost::json::parse(text));
    return read ? std::string() : read.error();
  };
  CHECK(why(R"({"t":{"State":"running"}})").empty());
  CHECK(why(R"({"t":{"State":"tired"}})") == R"([t].State: expected pending, running or dead, got "tired")");
  CHECK(why(R"({"t":{"StartedAt":"today"}})") == R"([t].StartedAt: expected a time of RFC 3339 in UTC, got "today")");
  CHECK(why(R"({"t":{"Events":[{"Time":"x"}]}})").starts_with("[t].Events[0].Time: expected a time"));
}

TEST_CASE("a report says what the node interface reads") {
  AllocRunner alloc(assignment_of(job_of("batch", {})), at(0));
  std::string out;
  append_report(out, alloc);
  CHECK(out == R"({"ID":"a1","ClientStatus":"pending","ClientDescription":"","TaskStates":{},)"
               R"("DeploymentStatus":null})");
}
