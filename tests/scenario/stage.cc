#include "tests/scenario/stage.h"

#include <boost/json.hpp>
#include <charconv>

#include "core/base/assert.h"
#include "core/base/duration_text.h"
#include "core/jobspec/canonicalize.h"
#include "core/jobspec/parse.h"
#include "core/jobspec/validate.h"
#include "core/model/tables.h"
#include "core/scheduler/schedule.h"
#include "projections/ids.h"

namespace orch::scenario {
namespace {

constexpr std::int64_t wall_at_start = 1'700'000'000'000'000'000;

/// The value of "name=value" among the words.
std::optional<std::string> value_of(const std::vector<std::string>& words, const std::string& name) {
  for (const std::string& word : words) {
    if (word.starts_with(name + "=")) return word.substr(name.size() + 1);
  }
  return {};
}

std::int32_t number_of(const std::vector<std::string>& words, const std::string& name, std::int32_t otherwise) {
  const auto value = value_of(words, name);
  return value ? std::stoi(*value) : otherwise;
}

/// 7 of "a7".
std::uint32_t reference(const std::string& word) { return static_cast<std::uint32_t>(std::stoul(word.substr(1))); }

std::optional<ClientStatus> client_status(const std::string& word) {
  for (auto s : {ClientStatus::pending, ClientStatus::running, ClientStatus::complete, ClientStatus::failed,
                 ClientStatus::lost}) {
    if (word == text(s)) return s;
  }
  return {};
}

}  // namespace

Stage::Stage() : loop_(log_, narrator_, log_.id(), {.server_name = "server", .planning_budget = hours(1)}) {
  ORCH_ASSERT(loop_.recover().has_value(), "a log in memory can be read");
}

std::vector<std::string> Stage::act(const Step& step) {
  const Words words = words_of(step.command);
  const std::string& verb = words.front();
  GroupBuilder group;
  if (verb == "node") {
    node(words);
  } else if (verb == "run") {
    run(words, step.document);
  } else if (verb == "plan") {
    plan(step.document);
  } else if (verb == "stop") {
    group.deregister_job(words.at(1), words.size() > 2 && words[2] == "purge");
    submit(group);
  } else if (verb == "evaluate") {
    group.add(wire::CreateEvaluateJob(group.flat(), group.flat().CreateString(words.at(1))));
    submit(group);
  } else if (verb == "report") {
    report(words);
  } else if (verb == "deployment") {
    deployment(words);
  } else if (verb == "wait") {
    wait(words.at(1));
  } else if (verb == "restart") {
    restart();
  } else if (verb == "get") {
    get(words);
  } else {
    say("no such command: " + verb);
  }
  std::vector<std::string> lines;
  lines.swap(said_);
  return lines;
}

void Stage::submit(GroupBuilder& group, const std::string& key) {
  std::vector<Submission> submissions;
  submissions.push_back({.group = group.finish({.actor = "somebody", .idempotency_key = key}), .done = {}});
  turn(submissions);
}

void Stage::turn(std::vector<Submission>& submissions) {
  int turns = 0;
  while (loop_.turn(submissions, {.wall = {wall_at_start + now_ns_}, .monotonic_ns = now_ns_, .monotonic_now = {}})) {
    if (++turns == 20) {
      say("the turns find no end");
      break;
    }
  }
  for (std::string& line : narrator_.take()) said_.push_back(std::move(line));
}

void Stage::node(const Words& words) {
  const std::string& name = words.at(1);
  GroupBuilder group;
  const std::string what = words.size() > 2 ? words[2] : "";
  if (what == "ready" || what == "down") {
    group.set_node_status(name, what == "ready" ? NodeStatus::ready : NodeStatus::down);
    return submit(group);
  }
  if (what == "eligible" || what == "ineligible") {
    auto& flat = group.flat();
    group.add(wire::CreateSetNodeEligibility(flat, flat.CreateString(name), what == "eligible"));
    return submit(group);
  }
  Node node;
  node.id = node.name = name;
  node.datacenter = value_of(words, "dc").value_or("dc1");
  node.node_class = value_of(words, "class").value_or("");
  node.attributes = {{"driver.mock_driver", "1"}, {"kernel.name", "linux"}};
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) continue;
    if (word.starts_with("attr.")) node.attributes[word.substr(5, equals - 5)] = word.substr(equals + 1);
    if (word.starts_with("meta.")) node.meta[word.substr(5, equals - 5)] = word.substr(equals + 1);
  }
  node.resources = {.cpu = number_of(words, "cpu", 4000),
                    .disk_mb = number_of(words, "disk", 100'000),
                    .memory_mb = number_of(words, "memory", 8000),
                    .networks = {{.device = "eth0", .ip = "10.0.0.1", .mbits = number_of(words, "mbits", 1000)}}};
  group.register_node(node.id, node);
  submit(group);
}

void Stage::run(const Words& words, const std::string& document) {
  auto job = parse_job(document, "job");
  if (!job) return say("the job file can't be read");
  canonicalize(*job);
  for (const std::string& error : validate(*job)) say("invalid: " + error);
  const auto enforce = value_of(words, "enforce");
  LogIndex index = 0;
  if (enforce == "now") {
    index = state().job(state().find_job(job->id)).newest().job_modify_index;
  } else if (enforce) {
    index = std::stoull(*enforce);
  }
  GroupBuilder group;
  group.register_job(*job, enforce.has_value(), index);
  submit(group, value_of(words, "key").value_or(""));
}

void Stage::plan(const std::string& document) {
  auto job = parse_job(document, "job");
  if (!job) return say("the job file can't be read");
  canonicalize(*job);
  const DryRun made = dry_run(state(), *job);
  for (const DesiredUpdates& d : made.plan.desired) {
    say(job->task_groups[d.group].name + ": " + std::to_string(d.place) + " create, " + std::to_string(d.in_place) +
        " in place, " + std::to_string(d.destructive) + " create/destroy, " + std::to_string(d.stop) + " destroy, " +
        std::to_string(d.ignore) + " ignore; not placed: " + std::to_string(made.plan.queued[d.group]));
  }
}

void Stage::report(const Words& words) {
  std::vector<std::uint32_t> allocations;
  std::uint8_t status = 0, health = 0;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (const auto s = client_status(words[i])) {
      status = static_cast<std::uint8_t>(*s);
    } else if (words[i] == "healthy" || words[i] == "unhealthy") {
      health = words[i] == "healthy" ? 1 : 2;
    } else {
      allocations.push_back(reference(words[i]));
    }
  }
  for (std::uint32_t n : allocations) {  // each from its own node
    GroupBuilder group;
    auto& flat = group.flat();
    const auto numbers = flat.CreateVector(std::vector<std::uint32_t>{n});
    const auto statuses = flat.CreateVector(std::vector<std::uint8_t>{status});
    const auto healths = flat.CreateVector(std::vector<std::uint8_t>{health});
    group.add(wire::CreateUpdateAllocations(flat, state().allocations().at(n).node.value, numbers, statuses, healths));
    submit(group);
  }
}

void Stage::deployment(const Words& words) {
  const std::string& what = words.at(2);
  const auto action = what == "fail"    ? DeploymentAction::fail
                      : what == "pause" ? DeploymentAction::pause
                                        : DeploymentAction::resume;
  GroupBuilder group;
  group.add(wire::CreateSetDeploymentStatus(group.flat(), reference(words.at(1)), static_cast<std::uint8_t>(action)));
  submit(group);
}

void Stage::wait(const std::string& duration) {
  const auto length = parse_duration_text(duration);
  ORCH_ASSERT(length.has_value(), "a scenario waits for a duration");
  const std::int64_t end = now_ns_ + length->ns;
  while (now_ns_ < end) {
    now_ns_ = std::min(end, now_ns_ + seconds(1).ns);
    std::vector<Submission> none;
    turn(none);
  }
}

void Stage::restart() {
  MemoryTableStore store;
  Views views(store);
  Loop again(log_, views, log_.id(), {.server_name = "server"});
  ORCH_ASSERT(again.recover().has_value(), "a log in memory can be read");
  const bool same_state = again.state().hash() == state().hash();
  const Queries fresh(store, log_.id());
  const Queries kept = queries();
  const bool same_answers = fresh.jobs("").json == kept.jobs("").json &&
                            fresh.allocations("").json == kept.allocations("").json &&
                            fresh.evaluations("").json == kept.evaluations("").json &&
                            fresh.deployments("").json == kept.deployments("").json;
  say(same_state ? "the state is as it was" : "the state differs");
  say(same_answers ? "the views answer as they did" : "the views answer differently");
}

std::string Stage::answer(const std::string& what, const std::string& which) const {
  const Queries q = queries();
  const std::string& cluster = log_.id();
  auto json = [](const std::optional<Answer>& found) { return found ? found->json : std::string("null"); };
  if (what == "jobs") return q.jobs("").json;
  if (what == "allocations") return q.allocations("").json;
  if (what == "job") return json(q.job(which));
  if (what == "versions") return json(q.job_versions(which));
  if (what == "summary") return json(q.job_summary(which));
  if (what == "node") return json(q.node(which));
  if (what == "allocation") return json(q.allocation(allocation_id(cluster, {reference(which)})));
  if (what == "evaluation") return json(q.evaluation(evaluation_id(cluster, {reference(which)})));
  if (what == "deployment") return json(q.deployment(deployment_id(cluster, {reference(which)})));
  return "\"no such query\"";
}

void Stage::get(const Words& words) {
  const bool has_name = words.at(1) != "jobs" && words[1] != "allocations";
  boost::json::value value = boost::json::parse(answer(words[1], has_name ? words.at(2) : ""));
  const std::size_t first_path = has_name ? 3 : 2;
  if (words.size() <= first_path) return say(boost::json::serialize(value));
  for (std::size_t i = first_path; i < words.size(); ++i) {
    std::error_code error;
    const boost::json::value* part = value.find_pointer("/" + words[i], error);
    say(words[i] + ": " + (part == nullptr ? "(none)" : boost::json::serialize(*part)));
  }
}

}  // namespace orch::scenario
