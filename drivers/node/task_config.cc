#include "drivers/node/task_config.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace orch::client {
namespace {

/// Tasks of these drivers have a file system of their own.
bool has_own_folders(const std::string& driver) {
  return driver == "docker" || driver == "exec" || driver == "java" || driver == "rkt";
}

bool looks_secret(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  for (const char* word : {"TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "APIKEY", "API_KEY", "ACCESS_KEY",
                           "HTTP_AUTH", "PRIVATE_KEY"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return false;
}

StringMap host_environment() {
  StringMap variables;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string entry = *at;
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0 || looks_secret(entry.substr(0, equals))) continue;
    variables[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return variables;
}

}  // namespace

TaskEnvironment make_environment(const AllocationSpec& spec, const Task& task, const Node& node, const AllocDir& dir,
                                 const std::string& region) {
  const bool isolated = has_own_folders(task.driver);
  const TaskFolders folders = isolated ? TaskFolders{"/alloc", "/local", "/secrets"}
                                       : TaskFolders{dir.shared(), dir.local(task.name), dir.secrets(task.name)};
  return TaskEnvironment::of({.job = *spec.job,
                              .group = *spec.group(),
                              .task = task,
                              .node = node,
                              .task_resources = spec.task_resources,
                              .alloc_id = spec.id,
                              .alloc_name = spec.name,
                              .region = region,
                              .folders = folders,
                              .host_env = isolated ? StringMap{} : host_environment(),
                              .group_networks = {}});
}

double core_mhz(const Node& node) {
  const auto number = [&](const char* name) {
    const auto at = node.attributes.find(name);
    return at == node.attributes.end() ? 0.0 : std::strtod(at->second.c_str(), nullptr);
  };
  const double cores = number("cpu.numcores");
  return cores > 0 ? number("cpu.totalcompute") / cores : 0;
}

TaskConfig make_task_config(const AllocationSpec& spec, const Task& task, const TaskEnvironment& environment,
                            const AllocDir& dir, const Node& node) {
  const auto assigned = spec.task_resources.find(task.name);
  const Resources& resources = assigned == spec.task_resources.end() ? task.resources : assigned->second;
  TaskConfig config;
  config.alloc_id = spec.id;
  config.alloc_name = spec.name;
  config.job_name = spec.job->name;
  config.group_name = spec.group_name;
  config.task_name = task.name;
  config.config = environment.interpolate(task.config);
  config.env = environment.variables();
  config.user = environment.interpolate(std::string_view(task.user));
  config.cpu_mhz = resources.cpu;
  if (const double mhz = core_mhz(node); mhz > 0) config.cpu_cores = resources.cpu / mhz;
  config.memory_mb = resources.memory_mb;
  config.ports = environment.ports();
  config.alloc_dir = dir.shared();
  config.task_dir = dir.task(task.name);
  return config;
}

std::pair<std::string, std::int32_t> service_address(const AllocationSpec& spec, const std::string& task,
                                                     const std::string& label, const Node& node) {
  std::string host = node.resources.networks.empty() ? "" : node.resources.networks[0].ip;
  if (const auto at = spec.task_resources.find(task); at != spec.task_resources.end()) {
    for (const NetworkResource& network : at->second.networks) {
      if (!network.ip.empty()) host = network.ip;
      for (const auto* ports : {&network.dynamic_ports, &network.reserved_ports}) {
        for (const Port& port : *ports) {
          if (port.label == label) return {host, port.value};
        }
      }
    }
  }
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), number);
  const bool is_number = error == std::errc() && end == label.data() + label.size();
  return {host, is_number ? number : 0};
}

}  // namespace orch::client
