// Tells when a container may have ended, from the engine's stream of events: one connection for all containers of ours.
//
// A waiter looks at its container itself, then waits here until there is reason to look again: an event of that
// container, a stream that was opened anew (events may have been missed), or the time it gave. While the engine is away
// waiters look every second. One thread. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "drivers/task/docker/docker_engine.h"

namespace orch {

class ContainerWatch {
 public:
  using Clock = std::chrono::steady_clock;

  explicit ContainerWatch(const DockerEngine& engine);
  ~ContainerWatch();

  /// True when the container should be looked at now; false when `until` came first. Begins to remember the container's
  /// events; the first call answers true at once.
  bool wait(const std::string& container, Clock::time_point until);
  void forget(const std::string& container);

 private:
  struct Container {
    std::uint64_t events = 0, seen_events = 0, seen_stream = 0;
    Clock::time_point looked;
  };
  void run();
  void watch();
  void take(std::string_view line);

  const DockerEngine& engine_;
  net::HttpClient client_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Container> containers_;
  std::uint64_t stream_ = 1;  // grows when it is opened
  bool connected_ = false;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace orch
