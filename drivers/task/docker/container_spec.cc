#include "drivers/task/docker/container_spec.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <optional>

#include "drivers/task/config_reader.h"
#include "drivers/task/docker/container_mounts.h"

namespace orch {
namespace {

namespace json = boost::json;
using Problem = std::expected<void, std::string>;

json::array texts(const Value::Map& config, const std::string& key) {
  json::array list;
  for (const std::string& text : config_texts(config, key)) list.push_back(json::value(text));
  return list;
}

json::object text_map(const Value::Map& config, const std::string& key) {
  json::object map;
  for (const auto& [name, value] : config_map(config, key)) map[name] = value;
  return map;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// "soft:hard" or one number for both.
std::expected<json::array, std::string> ulimits(const Value::Map& config) {
  json::array list;
  for (const auto& [name, value] : config_map(config, "ulimit")) {
    const std::size_t colon = value.find(':');
    const auto soft = number(std::string_view(value).substr(0, colon));
    const auto hard = colon == std::string::npos ? soft : number(std::string_view(value).substr(colon + 1));
    if (!soft || !hard)
      return std::unexpected("ulimit: malformed limit " + name + " = \"" + value +
                             "\"; expected SOFT:HARD or one number");
    list.push_back(json::object{{"Name", name}, {"Soft", *soft}, {"Hard", *hard}});
  }
  return list;
}

struct Ports {
  json::object exposed, bindings;
};

std::expected<Ports, std::string> ports(const TaskConfig& task) {
  Ports made;
  const auto mapped = config_map(task.config, "port_map");
  auto known = [&](const std::string& label) {
    return std::any_of(task.ports.begin(), task.ports.end(), [&](const TaskPort& port) { return port.label == label; });
  };
  for (const auto& [label, inside] : mapped) {
    const auto port = number(inside);
    if (!port || *port < 1 || *port > 65535)
      return std::unexpected("port_map: " + label + ": expected a port, got \"" + inside + "\"");
    if (!known(label)) return std::unexpected("port_map: the task's resources have no port \"" + label + "\"");
  }
  for (const std::string& label : config_texts(task.config, "ports")) {
    if (!known(label)) return std::unexpected("ports: the group's network has no port \"" + label + "\"");
  }
  for (const TaskPort& port : task.ports) {
    const auto map = mapped.find(port.label);
    const std::string inside = map != mapped.end() ? map->second : std::to_string(port.to != 0 ? port.to : port.value);
    for (const char* protocol : {"/tcp", "/udp"}) {
      made.exposed[inside + protocol] = json::object{};
      made.bindings[inside + protocol] =
          json::array{json::object{{"HostIp", port.host_ip}, {"HostPort", std::to_string(port.value)}}};
    }
  }
  return made;
}

// What only a node whose operator trusts its jobs takes.
Problem add_privileges(json::object& host, const Value::Map& config, const DockerOptions& options) {
  const bool privileged = config_truth(config, "privileged");
  if (privileged && !options.allow_privileged) {
    return std::unexpected(
        "privileged: Docker privileged mode is disabled on this node (client option \"docker.privileged.enabled\")");
  }
  host["Privileged"] = privileged;
  json::array devices;
  for (const Value::Map& block : config_blocks(config, "devices")) {
    if (const std::string wrong = unknown_member(block, {"host_path", "container_path", "cgroup_permissions"});
        !wrong.empty())
      return std::unexpected("devices -> " + wrong);
    const std::string path = config_text(block, "host_path");
    if (path.empty()) return std::unexpected("devices: host_path is required");
    if (!options.allow_privileged) {
      return std::unexpected(
          "devices: host devices are disabled on this node (client option \"docker.privileged.enabled\")");
    }
    devices.push_back(json::object{{"PathOnHost", path},
                                   {"PathInContainer", config_text(block, "container_path", path)},
                                   {"CgroupPermissions", config_text(block, "cgroup_permissions", "rwm")}});
  }
  if (!devices.empty()) host["Devices"] = std::move(devices);
  std::string refused;
  json::array added;
  for (const std::string& name : config_texts(config, "cap_add")) {
    const std::string capability = capability_name(name);
    if (options.allowed_caps.contains("ALL") || options.allowed_caps.contains(capability)) {
      added.push_back(json::value(capability));
    } else {
      refused += (refused.empty() ? "" : ", ") + capability;
    }
  }
  if (!refused.empty()) {
    return std::unexpected("cap_add: this node does not allow the capabilities " + refused +
                           " (client option \"docker.caps.whitelist\")");
  }
  host["CapAdd"] = std::move(added);
  host["CapDrop"] = texts(config, "cap_drop");
  return {};
}

Problem add_limits(json::object& host, const TaskConfig& task) {
  const Value::Map& config = task.config;
  const std::int64_t memory = std::int64_t{task.memory_mb} << 20, hard = config_whole(config, "memory_hard_limit")
                                                                         << 20;
  if (hard != 0 && hard < memory) return std::unexpected("memory_hard_limit must not be less than the task's memory");
  host["Memory"] = std::max(memory, hard);
  host["MemorySwap"] = std::max(memory, hard);
  if (hard != 0) host["MemoryReservation"] = memory;
  host["CpuShares"] = task.cpu_mhz;
  const std::int64_t period = config_whole(config, "cpu_cfs_period");
  if (period != 0 && (period < 1000 || period > 1'000'000))
    return std::unexpected("cpu_cfs_period must be 1000 to 1000000 microseconds");
  if (config_truth(config, "cpu_hard_limit")) {
    if (task.cpu_cores <= 0)
      return std::unexpected("cpu_hard_limit: this node does not know how fast its processors are");
    const std::int64_t used = period != 0 ? period : 100'000;
    host["CpuPeriod"] = used;
    host["CpuQuota"] =
        std::max<std::int64_t>(1000, static_cast<std::int64_t>(task.cpu_cores * static_cast<double>(used)));
  } else if (period != 0) {
    host["CpuPeriod"] = period;
  }
  auto limits = ulimits(config);
  if (!limits) return std::unexpected(limits.error());
  host["Ulimits"] = std::move(*limits);
  if (const auto limit = config_whole(config, "pids_limit"); limit != 0) host["PidsLimit"] = limit;
  if (const auto size = config_whole(config, "shm_size"); size < 0)
    return std::unexpected("shm_size must not be negative");
  else if (size != 0) host["ShmSize"] = size;
  if (const auto adjust = config_whole(config, "oom_score_adj"); adjust != 0) host["OomScoreAdj"] = adjust;
  if (json::object sysctls = text_map(config, "sysctl"); !sysctls.empty()) host["Sysctls"] = std::move(sysctls);
  if (json::object storage = text_map(config, "storage_opt"); !storage.empty()) host["StorageOpt"] = std::move(storage);
  return {};
}

Problem add_logging(json::object& host, const Value::Map& config) {
  // The agent copies the output into the task's files, so little of it need stay with the engine.
  json::object log{{"Type", "json-file"}, {"Config", json::object{{"max-size", "10m"}, {"max-file", "2"}}}};
  for (const Value::Map& block : config_blocks(config, "logging")) {
    if (const std::string wrong = unknown_member(block, {"type", "driver", "config"}); !wrong.empty())
      return std::unexpected("logging -> " + wrong);
    const std::string type = config_text(block, "type", config_text(block, "driver"));
    if (!type.empty() && type != "json-file") log = {{"Type", type}, {"Config", json::object{}}};
    for (const auto& [name, value] : config_map(block, "config")) log["Config"].as_object()[name] = value;
  }
  host["LogConfig"] = std::move(log);
  return {};
}

Problem add_network(json::object& body, json::object& host, const TaskConfig& task) {
  const Value::Map& config = task.config;
  const std::string network = config_text(config, "network_mode");
  host["Dns"] = texts(config, "dns_servers");
  host["DnsSearch"] = texts(config, "dns_search_domains");
  host["DnsOptions"] = texts(config, "dns_options");
  host["ExtraHosts"] = texts(config, "extra_hosts");
  if (!network.empty()) host["NetworkMode"] = network;
  if (const std::string name = config_text(config, "hostname"); !name.empty()) body["Hostname"] = name;
  if (const std::string address = config_text(config, "mac_address"); !address.empty()) body["MacAddress"] = address;
  json::object endpoint, addresses;
  if (json::array aliases = texts(config, "network_aliases"); !aliases.empty())
    endpoint["Aliases"] = std::move(aliases);
  if (const std::string v4 = config_text(config, "ipv4_address"); !v4.empty()) addresses["IPv4Address"] = v4;
  if (const std::string v6 = config_text(config, "ipv6_address"); !v6.empty()) addresses["IPv6Address"] = v6;
  if (!addresses.empty()) endpoint["IPAMConfig"] = std::move(addresses);
  if (!endpoint.empty()) {
    if (network.empty())
      return std::unexpected("network_aliases, ipv4_address and ipv6_address need a network_mode that names a network");
    body["NetworkingConfig"] = json::object{{"EndpointsConfig", json::object{{network, std::move(endpoint)}}}};
  }
  if (network == "host" || network == "none" || network.starts_with("container:")) return {};
  auto made = ports(task);
  if (!made) return std::unexpected(made.error());
  body["ExposedPorts"] = std::move(made->exposed);
  host["PortBindings"] = std::move(made->bindings);
  return {};
}

}  // namespace

std::string container_name(const TaskConfig& task) { return task.task_name + "-" + task.alloc_id; }

std::expected<std::string, std::string> container_spec(const TaskConfig& task, const std::string& image,
                                                       const DockerOptions& options) {
  const Value::Map& config = task.config;
  auto mounts = container_mounts(task, options);
  if (!mounts) return std::unexpected(mounts.error());
  json::object host{{"Binds", std::move(mounts->binds)},
                    {"SecurityOpt", texts(config, "security_opt")},
                    {"ReadonlyRootfs", config_truth(config, "readonly_rootfs")}};
  if (!mounts->mounts.empty()) host["Mounts"] = std::move(mounts->mounts);
  if (json::array groups = texts(config, "group_add"); !groups.empty()) host["GroupAdd"] = std::move(groups);
  if (config_truth(config, "init")) host["Init"] = true;
  for (const auto& [key, name] : {std::pair{"ipc_mode", "IpcMode"},
                                  {"pid_mode", "PidMode"},
                                  {"uts_mode", "UTSMode"},
                                  {"userns_mode", "UsernsMode"},
                                  {"cgroupns", "CgroupnsMode"},
                                  {"volume_driver", "VolumeDriver"}}) {
    if (const std::string value = config_text(config, key); !value.empty()) host[name] = value;
  }

  json::array env;
  for (const auto& [name, value] : task.env) env.push_back(json::value(name + "=" + value));
  json::object labels = text_map(config, "labels");
  labels[alloc_label] = task.alloc_id;  // last: a job must not pass its containers off as others'
  labels[task_label] = task.task_name;
  labels[job_label] = task.job_name;
  json::object body{{"Image", image},
                    {"Env", std::move(env)},
                    {"Labels", std::move(labels)},
                    {"Tty", config_truth(config, "tty")},
                    {"OpenStdin", config_truth(config, "interactive")}};
  json::array command;
  if (const std::string program = config_text(config, "command"); !program.empty())
    command.push_back(json::value(program));
  for (const std::string& argument : config_texts(config, "args")) command.push_back(json::value(argument));
  if (!command.empty()) body["Cmd"] = std::move(command);
  if (json::array entrypoint = texts(config, "entrypoint"); !entrypoint.empty())
    body["Entrypoint"] = std::move(entrypoint);
  if (const std::string folder = config_text(config, "work_dir"); !folder.empty()) body["WorkingDir"] = folder;
  if (!task.user.empty()) body["User"] = task.user;

  if (auto added = add_privileges(host, config, options); !added) return std::unexpected(added.error());
  if (auto added = add_limits(host, task); !added) return std::unexpected(added.error());
  if (auto added = add_logging(host, config); !added) return std::unexpected(added.error());
  if (auto added = add_network(body, host, task); !added) return std::unexpected(added.error());
  body["HostConfig"] = std::move(host);
  return json::serialize(body);
}

}  // namespace orch
