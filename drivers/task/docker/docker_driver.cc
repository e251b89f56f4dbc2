#include "drivers/task/docker/docker_driver.h"

#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "drivers/task/config_reader.h"
#include "drivers/task/docker/container_spec.h"

namespace orch {
namespace {

namespace json = boost::json;

const json::value& at(const json::value& value, std::initializer_list<const char*> path) {
  static const json::value null;
  const json::value* found = &value;
  for (const char* name : path) {
    const auto* object = found->if_object();
    found = object != nullptr ? object->if_contains(name) : nullptr;
    if (found == nullptr) return null;
  }
  return *found;
}

double number(const json::value& value) { return value.is_number() ? value.to_number<double>() : 0; }
std::string text(const json::value& value) { return value.is_string() ? std::string(value.get_string()) : std::string(); }

DriverError error_of(const EngineError& error, bool recoverable) { return {error.message, recoverable || error.status == 0}; }

}  // namespace

DriverFingerprint DockerDriver::fingerprint() {
  const auto version = engine_.call("GET", "/version", "", seconds(5));
  if (!version) return {false, false, "Failed to connect to docker daemon", {}};
  DriverFingerprint found{true, true, "Driver is available and responsive", {{"driver.docker", "1"}, {"driver.docker.volumes.enabled", "1"}}};
  found.attributes["driver.docker.version"] = text(at(*version, {"Version"}));
  return found;
}

std::vector<std::string> DockerDriver::validate(const Value::Map& config) const { return check_docker_config(config); }

std::expected<std::string, DriverError> DockerDriver::start(const TaskConfig& task, const Progress& progress) {
  if (auto errors = check_docker_config(task.config); !errors.empty()) return std::unexpected(DriverError{errors.front(), false});
  const std::string image = config_text(task.config, "image");
  if (auto there = images_.need(image, config_truth(task.config, "force_pull"), progress); !there) return std::unexpected(there.error());
  const auto body = container_spec(task);
  if (!body) return std::unexpected(body.error());
  const std::string name = container_name(task);
  auto created = engine_.call("POST", "/containers/create?name=" + query_encoded(name), *body);
  if (!created && created.error().status == 409) {
    // What an attempt left behind whose answer never came.
    engine_.call("DELETE", "/containers/" + query_encoded(name) + "?force=true&v=true");
    created = engine_.call("POST", "/containers/create?name=" + query_encoded(name), *body);
  }
  if (!created) {
    return std::unexpected(DriverError{"Failed to create container: " + created.error().message, created.error().status >= 500 || created.error().status == 0});
  }
  std::string id = text(at(*created, {"Id"}));
  if (const auto started = engine_.call("POST", "/containers/" + id + "/start"); !started) {
    engine_.call("DELETE", "/containers/" + id + "?force=true&v=true");
    return std::unexpected(DriverError{"Failed to start container " + id.substr(0, 12) + ": " + started.error().message, started.error().status >= 500 || started.error().status == 0});
  }
  follow(id, task);
  return id;
}

void DockerDriver::follow(const std::string& handle, const TaskConfig& task) {
  auto follower = std::make_shared<LogFollower>(engine_, handle, task.stdout_path, task.stderr_path, config_truth(task.config, "tty"));
  std::lock_guard lock(mutex_);
  followers_[handle] = std::move(follower);
}

std::expected<void, DriverError> DockerDriver::recover(const std::string& handle, const TaskConfig& task) {
  const auto container = engine_.call("GET", "/containers/" + handle + "/json");
  if (!container) return std::unexpected(error_of(container.error(), false));
  follow(handle, task);
  return {};
}

// What the task wrote last belongs into its log before its end is told.
void DockerDriver::wait_for_output(const std::string& handle) {
  for (int i = 0; i < 100; ++i) {
    {
      std::lock_guard lock(mutex_);
      const auto it = followers_.find(handle);
      if (it == followers_.end() || it->second->finished()) return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

std::optional<TaskExit> DockerDriver::wait(const std::string& handle, Duration timeout) {
  const auto begin = std::chrono::steady_clock::now();
  const auto ended = engine_.call("POST", "/containers/" + handle + "/wait?condition=not-running", "", timeout);
  if (!ended) {
    if (ended.error().status == 404) return TaskExit{.exit_code = -1, .error = "the container is gone: somebody removed it"};
    // Timed out, or the engine is away: try again after what is left of the time, so that nobody spins.
    const auto left = std::chrono::nanoseconds(timeout.ns) - (std::chrono::steady_clock::now() - begin);
    if (!ended.error().timed_out && left.count() > 0) std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(left, std::chrono::seconds(1)));
    return {};
  }
  const auto container = engine_.call("GET", "/containers/" + handle + "/json");
  if (container && at(*container, {"State", "Running"}) == json::value(true)) return {};
  wait_for_output(handle);
  TaskExit exit{.exit_code = static_cast<int>(number(at(*ended, {"StatusCode"})))};
  if (container) exit.oom_killed = at(*container, {"State", "OOMKilled"}) == json::value(true);
  return exit;
}

std::expected<void, DriverError> DockerDriver::stop(const std::string& handle, const std::string& kill_signal, Duration kill_timeout) {
  const std::int64_t patience = std::max<std::int64_t>(0, (kill_timeout.ns + 999'999'999) / 1'000'000'000);
  auto fine = [](const EngineError& error) { return error.status == 304 || error.status == 404 || error.status == 409; };
  if (kill_signal.empty()) {
    const auto stopped = engine_.call("POST", "/containers/" + handle + "/stop?t=" + std::to_string(patience), "", seconds(patience + 30));
    if (!stopped && !fine(stopped.error())) return std::unexpected(error_of(stopped.error(), true));
    return {};
  }
  if (const auto sent = signal(handle, kill_signal); !sent) return sent;
  const auto ended = engine_.call("POST", "/containers/" + handle + "/wait?condition=not-running", "", seconds(patience + 1));
  if (ended || fine(ended.error())) return {};
  const auto killed = engine_.call("POST", "/containers/" + handle + "/kill");
  if (!killed && !fine(killed.error())) return std::unexpected(error_of(killed.error(), true));
  return {};
}

std::expected<void, DriverError> DockerDriver::signal(const std::string& handle, const std::string& name) {
  const auto sent = engine_.call("POST", "/containers/" + handle + "/kill?signal=" + query_encoded(name));
  if (!sent && sent.error().status != 404 && sent.error().status != 409) return std::unexpected(error_of(sent.error(), true));
  return {};
}

std::expected<TaskStats, DriverError> DockerDriver::stats(const std::string& handle) {
  const auto usage = engine_.call("GET", "/containers/" + handle + "/stats?stream=false&one-shot=true", "", seconds(10));
  if (!usage) return std::unexpected(error_of(usage.error(), true));
  const double container = number(at(*usage, {"cpu_stats", "cpu_usage", "total_usage"}));
  const double system = number(at(*usage, {"cpu_stats", "system_cpu_usage"}));
  const double cpus = std::max(1.0, number(at(*usage, {"cpu_stats", "online_cpus"})));
  TaskStats stats;
  {
    std::lock_guard lock(mutex_);
    Usage& last = last_usage_[handle];
    if (last.system_ns > 0 && system > last.system_ns) {
      stats.cpu_percent = (container - last.container_ns) / (system - last.system_ns) * cpus * 100;
    }
    last = {container, system};
  }
  const double cache = number(at(*usage, {"memory_stats", "stats", "inactive_file"}));
  stats.memory_cache = static_cast<std::uint64_t>(cache);
  stats.memory_rss = static_cast<std::uint64_t>(std::max(0.0, number(at(*usage, {"memory_stats", "usage"})) - cache));
  stats.memory_max = static_cast<std::uint64_t>(number(at(*usage, {"memory_stats", "max_usage"})));
  return stats;
}

std::expected<TaskDriver::ExecResult, DriverError> DockerDriver::exec(const std::string& handle, const std::string& command,
                                                                      const std::vector<std::string>& arguments, Duration timeout) {
  json::array words{json::value(command)};
  for (const std::string& argument : arguments) words.push_back(json::value(argument));
  const auto made = engine_.call("POST", "/containers/" + handle + "/exec",
                                 json::serialize(json::object{{"AttachStdout", true}, {"AttachStderr", true}, {"Cmd", words}}), timeout);
  if (!made) return std::unexpected(error_of(made.error(), true));
  const std::string id = text(at(*made, {"Id"}));
  const auto ran = engine_.call("POST", "/exec/" + id + "/start", R"({"Detach":false,"Tty":false})", timeout);
  if (!ran) return std::unexpected(error_of(ran.error(), true));
  ExecResult result;
  std::string_view frames = ran->is_string() ? std::string_view(ran->get_string().data(), ran->get_string().size()) : std::string_view();
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
  if (!removed && removed.error().status != 404 && removed.error().status != 409) return std::unexpected(error_of(removed.error(), true));
  std::shared_ptr<LogFollower> ended;
  std::lock_guard lock(mutex_);
  if (const auto it = followers_.find(handle); it != followers_.end()) {
    ended = std::move(it->second);
    followers_.erase(it);
  }
  last_usage_.erase(handle);
  return {};
}

std::vector<TaskDriver::Found> DockerDriver::list() {
  const auto containers = engine_.call("GET", "/containers/json?all=true&filters=" + query_encoded(std::string("{\"label\":[\"") + alloc_label + "\"]}"));
  std::vector<Found> found;
  if (!containers || !containers->is_array()) return found;
  for (const json::value& c : containers->get_array()) {
    found.push_back({text(at(c, {"Id"})), text(at(c, {"Labels", alloc_label})), text(at(c, {"Labels", task_label}))});
  }
  return found;
}

}  // namespace orch
