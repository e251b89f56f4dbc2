// The environment of a task, and the `${…}` in its texts.
//
// Built once per start of the task from what the job says, what was assigned (ports), what the node is, and where the
// folders are as the task sees them. Later layers win: the host's variables, NOMAD_*, meta, the job's `env` block.
// Names are made valid for a shell (`http-port` becomes `http_port`). What a text names and nobody knows stays as it
// stands. Immutable after `of`.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/job.h"
#include "core/model/node.h"
#include "core/model/value.h"
#include "core/runner/task_driver.h"

namespace orch {

/// Folders as the task sees them: host paths without isolation, /alloc, /local and /secrets in a container.
struct TaskFolders {
  std::string alloc_dir, task_dir, secrets_dir;
};

/// What an environment is made of. References must outlive the call only.
struct EnvironmentSource {
  const Job& job;
  const TaskGroup& group;
  const Task& task;
  const Node& node;
  const std::map<std::string, Resources>& task_resources;  ///< by task, with the ports that were assigned
  std::string alloc_id, alloc_name, region;
  TaskFolders folders;
  StringMap host_env = {};                           ///< of drivers without isolation, secrets left out by the node
  std::vector<NetworkResource> group_networks = {};  ///< the group's own, with assigned ports
};

class TaskEnvironment {
 public:
  static TaskEnvironment of(const EnvironmentSource& source);

  /// All variables of the task.
  const StringMap& variables() const { return variables_; }
  /// The host ports of the task, with the port inside that `port_map` or `to` gives them.
  const std::vector<TaskPort>& ports() const { return ports_; }

  /// Replaces ${NOMAD_…}, ${attr.…}, ${meta.…}, ${node.…}, ${env["X"]} and ${X} of any variable.
  std::string interpolate(std::string_view text) const;
  Value interpolate(const Value& value) const;
  Value::Map interpolate(const Value::Map& map) const;
  StringList interpolate(const StringList& list) const;
  /// Every text of the service and its checks.
  Service interpolate(Service service) const;

  /// "example.cache[2]" is "2".
  static std::string index_of(std::string_view alloc_name);

 private:
  const std::string* find(std::string_view name) const;
  void add_allocation(const EnvironmentSource& source);
  void add_ports(const EnvironmentSource& source);
  void add_ports_of(const std::vector<NetworkResource>& networks, const std::map<std::string, int>& port_map);
  void add_meta(const EnvironmentSource& source);
  void set(std::string_view name, std::string value);

  StringMap variables_;  ///< names made valid
  StringMap node_;       ///< "attr.kernel.name", "meta.rack", "node.class", …
  std::vector<TaskPort> ports_;
};

/// A name that a shell takes: letters, digits after the first, '_' and '.'; all else becomes '_'.
std::string variable_name(std::string_view name);

/// The `port_map` of a driver's config block, by label; written as a map or, in the old language, as a list of maps.
std::map<std::string, int> port_map_of(const Value::Map& config);

}  // namespace orch
