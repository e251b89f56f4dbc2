// What must hold in every simulated cluster, by name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace orch::sim {

struct Broken {
  const char* property;
  std::string how;
};

class Properties {
 public:
  /// After every step.
  std::vector<Broken> after_step(const World& world);
  /// Dearer ones: replays the log.
  std::vector<Broken> now_and_then(const World& world);
  /// Once nothing happens any more.
  std::vector<Broken> at_rest(const World& world);

 private:
  void room(const State& state);
  void names(const State& state);
  void links(const State& state);
  void terminal(const State& state);
  void deployments(const State& state);
  void evaluations(const State& state);
  void views(const World& world);
  void replay(const World& world);
  void rest(const World& world);
  void broken(const char* property, std::string how) { found_.push_back({property, std::move(how)}); }

  std::vector<Broken> found_;
  std::map<std::uint32_t, ClientStatus> ended_;  // by allocation
  std::map<std::uint32_t, DeploymentStatus> over_;
};

}  // namespace orch::sim
