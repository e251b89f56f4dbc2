// Images: there already, or pulled once for all who wait for the same one with the same credentials.
//
// A pull runs on a thread of its own and ends early when the last one who waits for it gives up. Thread-safe.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/runner/task_driver.h"
#include "drivers/task/docker/docker_engine.h"
#include "drivers/task/docker/image_name.h"
#include "drivers/task/docker/pull_progress.h"

namespace orch {

class ImageStore {
 public:
  /// `silence`: how long a pull may tell nothing new before it has failed.
  ImageStore(const DockerEngine& engine, Duration silence) : engine_(engine), silence_(silence) {}
  ~ImageStore();  ///< ends pulls under way

  struct Wanted {
    ImageName name;
    std::string auth;  ///< X-Registry-Auth, or empty
    bool pull_always = false;
    Duration timeout;  ///< of the whole pull; 0: none
  };
  /// Returns when the engine has the image. `progress` is told when a download begins, now and then during it, and at
  /// its end. An image whose tag is "latest" is asked for every time, as Nomad does.
  std::expected<void, DriverError> need(const Wanted& wanted, const TaskDriver::Progress& progress,
                                        std::stop_token cancelled);

 private:
  struct Pull {
    explicit Pull(net::HttpClient c) : client(std::move(c)) {}
    net::HttpClient client;
    std::thread thread;
    PullProgress progress;
    std::string error;
    bool done = false;
    int waiting = 0;
  };
  void run(const std::shared_ptr<Pull>& pull, const Wanted& wanted);

  const DockerEngine& engine_;
  const Duration silence_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::shared_ptr<Pull>> pulls_;  // under way, by name and credentials
  std::vector<std::thread> ended_;                      // to be joined
};

}  // namespace orch
