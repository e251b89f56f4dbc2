// Rules of a task and of the blocks inside it.
#include <algorithm>

#include "core/base/duration_text.h"
#include "core/base/format.h"
#include "core/jobspec/validate.h"
#include "core/jobspec/validate_rules.h"

namespace orch {
namespace {

// Whether a path below the task's folder leads out of it.
bool escapes(const std::string& path) {
  int depth = 0;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    begin = end + 1;
    if (part.empty() || part == ".") continue;
    depth += part == ".." ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

Errors check_resources(const Resources& r) {
  Errors errors;
  if (r.cpu < 20) errors.push_back("minimum CPU value is 20; got " + std::to_string(r.cpu));
  if (r.memory_mb < 10) errors.push_back("minimum MemoryMB value is 10; got " + std::to_string(r.memory_mb));
  for (std::size_t i = 0; i < r.networks.size(); ++i) {
    if (r.networks[i].mbits < 1) {
      errors.push_back(
          fmt::format("network resource at index {} failed: 1 error(s) occurred:\n\n* minimum MBits value is 1; got {}",
                      i, r.networks[i].mbits));
    }
  }
  for (const RequestedDevice& device : r.devices) {
    Errors found;
    const auto slashes = std::count(device.name.begin(), device.name.end(), '/');
    if (device.name.empty() || slashes > 2) {
      found.push_back("device name must be given as one of the following: type, vendor/type, or vendor/type/name");
    }
    if (device.count < 1) found.push_back("device count must be at least 1; got " + std::to_string(device.count));
    check_constraints(device.constraints, true, found);
    check_affinities(device.affinities, found);
    if (!found.empty()) errors.push_back("device \"" + device.name + "\" validation failed: " + error_list(found));
  }
  return errors;
}

void check_artifacts(const Task& task, Errors& errors) {
  for (std::size_t i = 0; i < task.artifacts.size(); ++i) {
    const Artifact& a = task.artifacts[i];
    Errors found;
    if (a.source.empty()) found.push_back("source must be specified");
    if (!a.mode.empty() && a.mode != "any" && a.mode != "file" && a.mode != "dir") {
      found.push_back("invalid artifact mode \"" + a.mode + "\"; must be one of: any, file, dir");
    }
    if (escapes(a.destination)) found.push_back("destination escapes allocation directory");
    if (!found.empty()) errors.push_back(fmt::format("Artifact {} validation failed: {}", i + 1, error_list(found)));
  }
}

void check_templates(const Task& task, Errors& errors) {
  std::map<std::string, std::size_t> destinations;
  for (std::size_t i = 0; i < task.templates.size(); ++i) {
    const Template& t = task.templates[i];
    Errors found;
    if (t.source_path.empty() && t.embedded.empty())
      found.push_back("Must specify a source path or have an embedded template");
    if (t.dest_path.empty()) found.push_back("Must specify a destination for the template");
    if (escapes(t.dest_path)) found.push_back("destination escapes allocation directory");
    if (t.change_mode == "signal" && t.envvars) found.push_back("cannot use signals with env var templates");
    if (t.change_mode != "noop" && t.change_mode != "restart" && t.change_mode != "signal") {
      found.push_back("Invalid change mode. Must be one of the following: noop, signal, restart");
    }
    if (t.splay.ns < 0) found.push_back("Must specify positive splay value");
    if (t.vault_grace.ns < 0)
      found.push_back("Vault grace must be greater than zero: " + duration_text(t.vault_grace) + " < 0");
    if (t.perms.empty() || t.perms.size() > 5 || t.perms.find_first_not_of("01234567") != std::string::npos) {
      found.push_back("Failed to parse \"" + t.perms + "\" as octal");
    }
    const auto [it, fresh] = destinations.emplace(t.dest_path, i + 1);
    if (!fresh && !t.dest_path.empty())
      found.push_back("has the same destination as template " + std::to_string(it->second));
    if (!found.empty()) errors.push_back(fmt::format("Template {} validation failed: {}", i + 1, error_list(found)));
  }
}

void check_vault(const Vault& vault, Errors& errors) {
  Errors found;
  if (vault.policies.empty()) found.push_back("Policy list cannot be empty");
  if (std::find(vault.policies.begin(), vault.policies.end(), "root") != vault.policies.end())
    found.push_back("Can not specify \"root\" policy");
  if (vault.change_mode == "signal" && vault.change_signal.empty()) {
    found.push_back("Signal must be specified when using change mode \"signal\"");
  }
  if (vault.change_mode != "noop" && vault.change_mode != "restart" && vault.change_mode != "signal") {
    found.push_back("Unknown change mode \"" + vault.change_mode + "\"");
  }
  if (!found.empty()) errors.push_back("Vault validation failed: " + error_list(found));
}

}  // namespace

Errors check_task(const Task& task, const TaskGroup& group, const std::set<std::string>& group_labels) {
  Errors errors;
  if (task.name.empty()) errors.push_back("Missing task name");
  if (task.name.find_first_of("/\\") != std::string::npos) errors.push_back("Task name cannot include slashes");
  if (task.name == "." || task.name == ".." || task.name == "alloc") {
    errors.push_back("Task name cannot be \"" + task.name + "\": it names a folder");
  }
  if (task.name.size() > 200)
    errors.push_back(fmt::format("Task name has {} bytes; at most 200 are allowed", task.name.size()));
  for (const auto& [key, text] : task.env) {
    if (key.empty() || key.find('=') != std::string::npos)
      errors.push_back("Environment variable \"" + key + "\" is no name");
  }
  if (task.driver.empty()) errors.push_back("Missing task driver");
  if (task.kill_timeout.ns < 0) errors.push_back("KillTimeout must be a positive value");
  if (task.shutdown_delay.ns < 0) errors.push_back("ShutdownDelay must be a positive value");
  if (Errors found = check_resources(task.resources); !found.empty()) errors.push_back(error_list(found));
  if (task.log_config.max_files < 1)
    errors.push_back("minimum number of files is 1; got " + std::to_string(task.log_config.max_files));
  if (task.log_config.max_file_size_mb < 1)
    errors.push_back("minimum file size is 1MB; got " + std::to_string(task.log_config.max_file_size_mb));
  const std::int64_t logs = std::int64_t{task.log_config.max_files} * task.log_config.max_file_size_mb;
  if (group.ephemeral_disk.size_mb <= logs) {
    errors.push_back(fmt::format("log storage ({} MB) must be less than requested disk capacity ({} MB)", logs,
                                 group.ephemeral_disk.size_mb));
  }
  check_constraints(task.constraints, true, errors);
  check_affinities(task.affinities, errors);
  check_artifacts(task, errors);
  check_templates(task, errors);
  if (task.vault) check_vault(*task.vault, errors);
  if (task.dispatch_payload) {
    if (task.dispatch_payload->file.empty())
      errors.push_back("Dispatch Payload validation failed: a file must be named");
    if (escapes(task.dispatch_payload->file))
      errors.push_back("Dispatch Payload validation failed: destination escapes allocation directory");
  }
  if (task.services.empty()) return errors;
  std::set<std::string> labels = group_labels;
  add_labels(task.resources.networks, labels);
  check_services(task.services, labels, errors);
  return errors;
}

}  // namespace orch
