// What the benches share: how they were asked to run, and the agent that they measure, a process of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "drivers/net/http_client.h"
#include "tests/bench/child_process.h"
#include "tests/bench/figures.h"

namespace orch::bench {

struct Setting {
  std::string orch, node_sim, placement_loop, put_parts;  ///< programs of the build that is measured
  std::string folder;                                     ///< of this run, removed afterwards
  bool quick = false;  ///< a small version of everything: says that it runs, not how fast
  Figures figures;
};

/// A part of a group: a file defines one, and `main` finds it. It runs when its group is asked for, and adds figures.
///
///     const Bench reads{"http", [](Setting& setting) { … }};
class Bench {
 public:
  using Run = void (*)(Setting&);
  Bench(const char* group, Run run) : group(group), run(run) { all().push_back(this); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  static std::vector<const Bench*>& all() {
    static std::vector<const Bench*> benches;
    return benches;
  }

  const char* const group;
  const Run run;
};

/// `orch agent` with a data folder of its own.
class TestAgent {
 public:
  TestAgent(const Setting& setting, const std::string& name, std::vector<std::string> flags = {"-server"});

  net::Endpoint endpoint() const { return endpoint_; }
  std::string address() const { return endpoint_.host + ":" + std::to_string(endpoint_.port); }
  const std::string& data_dir() const { return data_dir_; }
  ChildProcess& process() { return *process_; }

  /// One request; anything but a 2xx ends the bench with what was answered.
  net::HttpResponse ask(const std::string& method, const std::string& target, const std::string& body = {});

 private:
  std::string data_dir_;
  std::unique_ptr<ChildProcess> process_;
  net::Endpoint endpoint_;
  std::unique_ptr<net::HttpClient> client_;
};

/// Stops everything with a sentence: a bench that can't run has no figures.
[[noreturn]] void give_up(const std::string& why);

struct JobShape {
  std::string id;
  int count = 1, cpu = 20, memory_mb = 10;
  std::string node_class;  ///< constraint on it; empty: none
  std::string driver = "mock_driver";
  std::string config = "{}";
};
/// Body of PUT /v1/jobs.
std::string job_body(const JobShape& shape);

/// Registers nodes without clients: they take placements and say nothing. Wants an agent with a long heartbeat time.
void register_nodes(TestAgent& agent, int count);

/// A text value of a JSON answer, found by its key.
std::string text_in(std::string_view json, std::string_view key);

}  // namespace orch::bench
