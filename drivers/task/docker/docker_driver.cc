#include "drivers/task/docker/docker_driver.h"

#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "core/jobspec/driver_config.h"
#include "drivers/net/percent.h"
#include "drivers/task/config_reader.h"
#include "drivers/task/docker/container_spec.h"
#include "drivers/task/docker/engine_json.h"
#include "drivers/task/docker/registry_auth.h"

namespace orch {
namespace {

namespace json = boost::json;
using namespace engine_json;

/// What is as it should be after a stop: not running, already stopped, gone.
bool has_ended(const EngineError& error) { return error.status == 304 || error.status == 404 || error.status == 409; }

constexpr Duration output_patience = seconds(5);

bool was_killed(const json::value& container) {
  return number(at(container, {"State", "ExitCode"})) == 137 &&
         at(container, {"State", "OOMKilled"}) != json::value(true);
}

}  // namespace

DockerDriver::DockerDriver(DockerOptions options)
    : options_(std::move(options)),
      engine_(options_.socket),
      images_(engine_, options_.pull_silence),
      watch_(engine_),
      usage_(engine_) {}

DriverFingerprint DockerDriver::fingerprint() {
  const auto version = engine_.call("GET", "/version", "", seconds(5));
  const auto listed = version ? engine_.call("GET", "/containers/json?limit=1", "", seconds(10)) : version;
  if (!listed) {
    std::lock_guard lock(mutex_);
    // An engine that was here once is unhealthy now; without one there is no driver.
    DriverFingerprint away = seen_;
    away.healthy = false;
    away.health_description =
        version ? "Docker driver is available but unresponsive" : "Failed to connect to docker daemon";
    return away;
  }
  DriverFingerprint found{true, true, "Driver is available and responsive", {}};
  found.attributes["driver.docker.version"] = text(at(*version, {"Version"}));
  if (options_.volumes_enabled) found.attributes["driver.docker.volumes.enabled"] = "1";
  if (options_.allow_privileged) found.attributes["driver.docker.privileged.enabled"] = "1";
  {
    std::lock_guard lock(mutex_);
    if (seen_.healthy && seen_.attributes["driver.docker.version"] == found.attributes["driver.docker.version"])
      return seen_;
  }
  if (const auto bridge = engine_.call("GET", "/networks/bridge", "", seconds(5))) {
    const auto* pools = at(*bridge, {"IPAM", "Config"}).if_array();
    const std::string gateway = pools != nullptr && !pools->empty() ? text(at(pools->front(), {"Gateway"})) : "";
    if (!gateway.empty()) found.attributes["driver.docker.bridge_ip"] = gateway;
  }
  std::lock_guard lock(mutex_);
  return seen_ = found;
}

std::vector<std::string> DockerDriver::validate(const Value::Map& config) const {
  return config_errors("docker", config);
}

std::expected<std::string, DriverError> DockerDriver::start(const TaskConfig& task, const Progress& progress) {
  const auto wrong = [](const std::string& why) { return std::unexpected(DriverError{why, false}); };
  if (auto errors = validate(task.config); !errors.empty()) return wrong(errors.front());
  const auto image = ImageName::parse(config_text(task.config, "image"));
  if (!image) return wrong(image.error());
  const auto body = container_spec(task, image->full(), options_);
  if (!body) return wrong(body.error());
  const auto auth = find_auth(*image, task.config, options_);
  if (!auth) return wrong(auth.error());

  const std::pair key(task.alloc_id, task.task_name);
  std::stop_token cancelled;
  {
    std::lock_guard lock(mutex_);
    cancelled = (starts_[key] = std::stop_source()).get_token();
  }
  const auto there = images_.need({.name = *image,
                                   .auth = auth->header(),
                                   .pull_always = config_truth(task.config, "force_pull"),
                                   .timeout = config_duration(task.config, "image_pull_timeout")},
                                  progress, cancelled);
  {
    std::lock_guard lock(mutex_);
    starts_.erase(key);
  }
  if (!there) return std::unexpected(there.error());
  return run_container(task, *body, progress);
}

void DockerDriver::cancel_start(const std::string& alloc_id, const std::string& task) {
  std::stop_source source(std::nostopstate);
  {
    std::lock_guard lock(mutex_);
    const auto at = starts_.find({alloc_id, task});
    if (at != starts_.end()) source = at->second;
  }
  source.request_stop();
}

std::expected<std::string, DriverError> DockerDriver::run_container(const TaskConfig& task, const std::string& body,
                                                                    const Progress& progress) {
  const std::string name = net::percent_encoded(container_name(task));
  // A bad name, a port that is taken and the like may be better the next time; what the engine calls a bad request will
  // not.
  const auto failed = [](const std::string& doing, const EngineError& error) {
    return std::unexpected(DriverError{doing + ": " + error.message, error.status >= 500 || error.is_away()});
  };
  auto created = engine_.call("POST", "/containers/create?name=" + name, body);
  if (!created && created.error().status == 409) {
    // What an attempt left behind whose answer never came.
    (void)engine_.call("DELETE", "/containers/" + name + "?force=true&v=true");
    created = engine_.call("POST", "/containers/create?name=" + name, body);
  }
  if (!created) return failed("Failed to create container", created.error());
  const std::string id = text(at(*created, {"Id"}));
  if (const auto started = engine_.call("POST", "/containers/" + id + "/start"); !started) {
    (void)engine_.call("DELETE", "/containers/" + id + "?force=true&v=true");
    return failed("Failed to start container " + id.substr(0, 12), started.error());
  }
  for (const std::string& notice : follow(id, task)) progress(notice);
  return id;
}

std::vector<std::string> DockerDriver::follow(const std::string& handle, const TaskConfig& task) {
  auto follower = std::make_shared<LogFollower>(engine_, handle, task.alloc_dir, task.stdout_path, task.stderr_path,
                                                config_truth(task.config, "tty"));
  std::vector<std::string> notices = follower->notices();
  std::lock_guard lock(mutex_);
  std::swap(followers_[handle], follower);
  return notices;
}

std::expected<void, DriverError> DockerDriver::recover(const std::string& handle, const TaskConfig& task) {
  const auto container = engine_.call("GET", "/containers/" + handle + "/json");
  if (!container && !container.error().is_away()) return std::unexpected(error_of(container.error(), false));
  follow(handle, task);
  return {};
}

std::optional<TaskExit> DockerDriver::wait(const std::string& handle, Duration timeout) {
  const auto until = ContainerWatch::Clock::now() + std::chrono::nanoseconds(timeout.ns);
  while (watch_.wait(handle, until)) {
    const auto container = engine_.call("GET", "/containers/" + handle + "/json", "", seconds(10));
    if (!container && container.error().status == 404) {
      watch_.forget(handle);
      return TaskExit{.exit_code = -1, .error = "the container is gone: somebody else removed it"};
    }
    if (container && at(*container, {"State", "Running"}) != json::value(true)) {
      watch_.forget(handle);
      return exit_of(handle, was_killed(*container) ? after_oom_notice(handle, *container) : *container);
    }
  }
  return {};
}

// That the kernel killed a task for its memory reaches the engine beside the task's end, and may be noted a moment
// later.
json::value DockerDriver::after_oom_notice(const std::string& handle, json::value container) {
  for (int looks = 0; looks < 10 && at(container, {"State", "OOMKilled"}) != json::value(true); ++looks) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    auto again = engine_.call("GET", "/containers/" + handle + "/json", "", seconds(10));
    if (!again) break;
    container = std::move(*again);
  }
  return container;
}

TaskExit DockerDriver::exit_of(const std::string& handle, const json::value& container) {
  std::shared_ptr<LogFollower> follower;
  {
    std::lock_guard lock(mutex_);
    if (const auto it = followers_.find(handle); it != followers_.end()) follower = it->second;
  }
  // What the task wrote last belongs into its log before its end is told.
  if (follower) follower->wait_finished(output_patience);
  TaskExit exit{.exit_code = static_cast<int>(number(at(container, {"State", "ExitCode"}))),
                .oom_killed = at(container, {"State", "OOMKilled"}) == json::value(true)};
  if (exit.exit_code != 0)
    exit.error = "Docker container exited with non-zero exit code: " + std::to_string(exit.exit_code);
  if (exit.oom_killed) exit.error = "OOM Killed";
  return exit;
}

std::expected<void, DriverError> DockerDriver::stop(const std::string& handle, const std::string& kill_signal,
                                                    Duration kill_timeout) {
  const std::int64_t patience = std::max<std::int64_t>(0, (kill_timeout.ns + 999'999'999) / 1'000'000'000);
  const std::string container = "/containers/" + handle;
  if (!kill_signal.empty()) {
    const auto sent = engine_.call("POST", container + "/kill?signal=" + net::percent_encoded(kill_signal));
    if (!sent && has_ended(sent.error())) return {};
    if (!sent && sent.error().is_away()) return std::unexpected(error_of(sent.error(), true));
    if (sent) {
      const auto ended = engine_.call("POST", container + "/wait?condition=not-running", "", seconds(patience));
      if (ended || has_ended(ended.error())) return {};
      const auto killed = engine_.call("POST", container + "/kill");
      if (!killed && !has_ended(killed.error())) return std::unexpected(error_of(killed.error(), true));
      return {};
    }
    // A signal that the engine does not know must not keep the task alive: it is stopped in the usual way.
  }
  const auto stopped =
      engine_.call("POST", container + "/stop?t=" + std::to_string(patience), "", seconds(patience + 30));
  if (!stopped && !has_ended(stopped.error())) return std::unexpected(error_of(stopped.error(), true));
  return {};
}

std::expected<void, DriverError> DockerDriver::signal(const std::string& handle, const std::string& name) {
  const auto sent = engine_.call("POST", "/containers/" + handle + "/kill?signal=" + net::percent_encoded(name));
  if (!sent && sent.error().status != 404 && sent.error().status != 409)
    return std::unexpected(error_of(sent.error(), true));
  return {};
}

std::expected<TaskStats, DriverError> DockerDriver::stats(const std::string& handle) { return usage_.measure(handle); }

std::expected<TaskDriver::ExecResult, DriverError> DockerDriver::exec(const std::string& handle,
                                                                      const std::string& command,
                                                                      const std::vector<std::string>& arguments,
                                                                      Duration timeout) {
  json::array words{json::value(command)};
  for (const std::string& argument : arguments) words.push_back(json::value(argument));
  const auto made = engine_.call(
      "POST", "/containers/" + handle + "/exec",
      json::serialize(json::object{{"AttachStdout", true}, {"AttachStderr", true}, {"Cmd", words}}), timeout);
  if (!made) return std::unexpected(error_of(made.error(), true));
  const std::string id = text(at(*made, {"Id"}));
  const auto ran = engine_.call("POST", "/exec/" + id + "/start", R"({"Detach":false,"Tty":false})", timeout);
  if (!ran && ran.error().timed_out) return std::unexpected(DriverError{"the command did not end in time", true});
  if (!ran) return std::unexpected(error_of(ran.error(), true));
  ExecResult result;
  std::string_view frames =
      ran->is_string() ? std::string_view(ran->get_string().data(), ran->get_string().size()) : std::string_view();
  while (frames.size() >= 8 && result.output.size() < 4096) {
    const auto* header = reinterpret_cast<const unsigned char*>(frames.data());
    const std::size_t length = static_cast<std::size_t>(header[4]) << 24 | static_cast<std::size_t>(header[5]) << 16 |
                               static_cast<std::size_t>(header[6]) << 8 | header[7];
    frames.remove_prefix(8);
    result.output += frames.substr(0, std::min(length, 4096 - result.output.size()));
    frames.remove_prefix(std::min(length, frames.size()));
  }
  const auto ended = engine_.call("GET", "/exec/" + id + "/json");
  if (!ended) return std::unexpected(error_of(ended.error(), true));
  result.exit_code = static_cast<int>(number(at(*ended, {"ExitCode"})));
  return result;
}

std::expected<void, DriverError> DockerDriver::destroy(const std::string& handle) {
  const auto removed = engine_.call("DELETE", "/containers/" + handle + "?force=true&v=true");
  if (!removed && removed.error().status != 404 && removed.error().status != 409)
    return std::unexpected(error_of(removed.error(), true));
  watch_.forget(handle);
  std::shared_ptr<LogFollower> ended;  // joins its thread, after the lock is gone
  std::lock_guard lock(mutex_);
  if (const auto it = followers_.find(handle); it != followers_.end()) {
    ended = std::move(it->second);
    followers_.erase(it);
  }
  usage_.forget(handle);
  return {};
}

std::expected<std::vector<TaskDriver::Found>, DriverError> DockerDriver::list() {
  const auto containers =
      engine_.call("GET", "/containers/json?all=true&filters=" +
                              net::percent_encoded(std::string("{\"label\":[\"") + alloc_label + "\"]}"));
  if (!containers) return std::unexpected(error_of(containers.error(), true));
  std::vector<Found> found;
  const auto* listed = containers->if_array();
  if (listed == nullptr) return std::unexpected(DriverError{"the engine's list of containers is no list", true});
  for (const json::value& c : *listed) {
    found.push_back({text(at(c, {"Id"})), text(at(c, {"Labels", alloc_label})), text(at(c, {"Labels", task_label}))});
  }
  return found;
}

}  // namespace orch
