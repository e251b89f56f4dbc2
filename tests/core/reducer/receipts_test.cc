// Idempotency keys: the first answer is kept for 24 hours of elapsed time, at most a million, and is part of the state.
#include <doctest/doctest.h>

#include "tests/core/cluster.h"

using namespace orch;
using namespace orch::test;

namespace {

CommandOutcome register_with(Cluster& c, const Job& job, const std::string& key) {
  GroupBuilder group;
  group.register_job(job, false, 0);
  return c.apply(group, key);
}

CommandOutcome evaluate_with(Cluster& c, const std::string& id, const std::string& key) {
  GroupBuilder group;
  group.add(wire::CreateEvaluateJob(group.flat(), group.flat().CreateString(id)));
  return c.apply(group, key);
}

}  // namespace

TEST_CASE("a repeat gets the first answer and does nothing") {
  Cluster c;
  const CommandOutcome first = register_with(c, service("web", 1), "k1");
  c.run(service("web", 2));
  const std::size_t versions = c.job("web").versions.size();
  const CommandOutcome again = register_with(c, service("web", 1), "k1");
  CHECK(again.repeated);
  CHECK(again.evaluation == first.evaluation);
  CHECK(again.job_modify_index == first.job_modify_index);
  CHECK(c.job("web").versions.size() == versions);
}

TEST_CASE("a key stands for one request") {
  Cluster c;
  auto ask = [&](const std::string& job, std::uint64_t digest) {
    GroupBuilder group;
    group.register_job(service(job, 1), false, 0);
    return c.apply(group, "k1", digest);
  };
  CHECK(ask("web", 7).refusal.empty());
  const LogIndex first = c.state.index();
  const CommandOutcome other = ask("db", 9);
  CHECK(other.key_taken);
  CHECK(other.refusal == "Idempotency-Key: this key stands for another request, at index " + std::to_string(first));
  CHECK(!c.state.find_job("db"));
  CHECK(ask("web", 7).repeated);
  CHECK(ask("web", 0).repeated);  // of a build that did not tell yet
}

TEST_CASE("a refusal is an answer too") {
  Cluster c;
  CHECK(evaluate_with(c, "web", "k1").refusal == "job not found");
  const LogIndex first = c.state.index();
  c.run(service("web", 1));
  const CommandOutcome again = evaluate_with(c, "web", "k1");
  CHECK(again.repeated);
  CHECK(again.first_index == first);
  CHECK(again.refusal == "job not found");
}

TEST_CASE("a key is forgotten after 24 hours of elapsed time, and not before") {
  Cluster c;
  register_with(c, service("web", 1), "k1");
  c.tick(hours(24));
  CHECK(register_with(c, service("web", 1), "k1").repeated);
  c.tick(seconds(1));
  CHECK(c.state.find_receipt("k1") == nullptr);
  CHECK(!register_with(c, service("web", 1), "k1").repeated);
}

TEST_CASE("the state hash covers receipts") {
  Cluster with, without;
  register_with(with, service("web", 1), "k1");
  register_with(without, service("web", 1), "");
  CHECK(with.state.hash() != without.state.hash());
  Cluster other;
  register_with(other, service("web", 1), "k2");
  CHECK(other.state.hash() != with.state.hash());
  for (Cluster* c : {&with, &without}) c->tick(hours(25));
  CHECK(with.state.hash() == without.state.hash());
}

TEST_CASE("at most a million are kept, the oldest go first") {
  Cluster c;
  constexpr int most = 1'000'000;
  for (int i = 0; i <= most; ++i) {
    GroupBuilder group;
    group.deregister_job("none", false);
    std::string bytes = group.finish({.idempotency_key = "k" + std::to_string(i)});
    apply(c.state, c.state.index() + 1, group_in(bytes_of(bytes)), c.outcome);
  }
  CHECK(c.state.find_receipt("k0") == nullptr);
  CHECK(c.state.find_receipt("k1") != nullptr);
  CHECK(c.state.find_receipt("k" + std::to_string(most)) != nullptr);
}
