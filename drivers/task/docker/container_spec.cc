#include "drivers/task/docker/container_spec.h"

#include <boost/json.hpp>

#include "drivers/task/config_reader.h"

namespace orch {
namespace {

namespace json = boost::json;

const std::map<std::string, ConfigKind> keys = {
    {"advertise_ipv6_address", ConfigKind::truth}, {"args", ConfigKind::texts},
    {"cap_add", ConfigKind::texts},                {"cap_drop", ConfigKind::texts},
    {"command", ConfigKind::text},                 {"cpu_hard_limit", ConfigKind::truth},
    {"dns_options", ConfigKind::texts},            {"dns_search_domains", ConfigKind::texts},
    {"dns_servers", ConfigKind::texts},            {"entrypoint", ConfigKind::texts},
    {"extra_hosts", ConfigKind::texts},            {"force_pull", ConfigKind::truth},
    {"hostname", ConfigKind::text},                {"image", ConfigKind::text},
    {"init", ConfigKind::truth},                   {"interactive", ConfigKind::truth},
    {"ipc_mode", ConfigKind::text},                {"labels", ConfigKind::map},
    {"mac_address", ConfigKind::text},             {"network_aliases", ConfigKind::texts},
    {"network_mode", ConfigKind::text},            {"pid_mode", ConfigKind::text},
    {"pids_limit", ConfigKind::whole},             {"port_map", ConfigKind::map},
    {"ports", ConfigKind::texts},                  {"privileged", ConfigKind::truth},
    {"readonly_rootfs", ConfigKind::truth},        {"security_opt", ConfigKind::texts},
    {"shm_size", ConfigKind::whole},               {"sysctl", ConfigKind::map},
    {"tty", ConfigKind::truth},                    {"ulimit", ConfigKind::map},
    {"userns_mode", ConfigKind::text},             {"uts_mode", ConfigKind::text},
    {"volumes", ConfigKind::texts},                {"work_dir", ConfigKind::text},
};

json::array texts(const Value::Map& config, const std::string& key) {
  json::array list;
  for (const std::string& text : config_texts(config, key)) list.push_back(json::value(text));
  return list;
}

// "soft:hard" or one number for both.
json::array ulimits(const Value::Map& config) {
  json::array list;
  for (const auto& [name, value] : config_map(config, "ulimit")) {
    const std::size_t colon = value.find(':');
    const std::string soft = value.substr(0, colon), hard = colon == std::string::npos ? soft : value.substr(colon + 1);
    list.push_back(json::object{{"Name", name}, {"Soft", std::atoll(soft.c_str())}, {"Hard", std::atoll(hard.c_str())}});
  }
  return list;
}

// Paths inside the task's own folder may be relative.
json::array binds(const TaskConfig& task) {
  json::array list{json::value(task.alloc_dir + ":/alloc"), json::value(task.task_dir + "/local:/local"),
                   json::value(task.task_dir + "/secrets:/secrets")};
  for (std::string volume : config_texts(task.config, "volumes")) {
    if (!volume.starts_with('/') && volume.find(':') != std::string::npos) volume = task.task_dir + "/" + volume;
    list.push_back(json::value(volume));
  }
  return list;
}

struct Ports {
  json::object exposed, bindings;
};

std::expected<Ports, DriverError> ports(const TaskConfig& task) {
  Ports made;
  const auto mapped = config_map(task.config, "port_map");
  const auto wanted = config_texts(task.config, "ports");
  auto known = [&](const std::string& label) {
    for (const TaskPort& port : task.ports) {
      if (port.label == label) return true;
    }
    return false;
  };
  for (const auto& [label, inside] : mapped) {
    if (!known(label)) return std::unexpected(DriverError{"port_map: the task's resources have no port \"" + label + "\"", false});
  }
  for (const std::string& label : wanted) {
    if (!known(label)) return std::unexpected(DriverError{"ports: the group's network has no port \"" + label + "\"", false});
  }
  for (const TaskPort& port : task.ports) {
    const auto map = mapped.find(port.label);
    std::string inside = map != mapped.end() ? map->second : std::to_string(port.to != 0 ? port.to : port.value);
    for (const char* protocol : {"/tcp", "/udp"}) {
      made.exposed[inside + protocol] = json::object{};
      made.bindings[inside + protocol] = json::array{json::object{{"HostIp", port.host_ip}, {"HostPort", std::to_string(port.value)}}};
    }
  }
  return made;
}

}  // namespace

std::string full_image_name(const std::string& image) {
  if (image.find('@') != std::string::npos) return image;
  const std::size_t slash = image.rfind('/'), colon = image.rfind(':');
  const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  return tagged ? image : image + ":latest";
}

std::string container_name(const TaskConfig& task) { return task.task_name + "-" + task.alloc_id; }

std::vector<std::string> check_docker_config(const Value::Map& config) { return check_config(config, keys, {"image"}); }

std::expected<std::string, DriverError> container_spec(const TaskConfig& task) {
  const Value::Map& config = task.config;
  json::array env;
  for (const auto& [name, value] : task.env) env.push_back(json::value(name + "=" + value));
  json::object labels{{alloc_label, task.alloc_id}, {task_label, task.task_name}, {job_label, task.job_name}};
  for (const auto& [name, value] : config_map(config, "labels")) labels[name] = value;
  json::array command;
  if (const std::string program = config_text(config, "command"); !program.empty()) command.push_back(json::value(program));
  for (const std::string& argument : config_texts(config, "args")) command.push_back(json::value(argument));

  const std::string network = config_text(config, "network_mode");
  json::object host{
      {"Binds", binds(task)},
      {"Memory", std::int64_t{task.memory_mb} << 20},
      {"MemorySwap", std::int64_t{task.memory_mb} << 20},
      {"CpuShares", task.cpu_mhz},
      {"Privileged", config_truth(config, "privileged")},
      {"CapAdd", texts(config, "cap_add")},
      {"CapDrop", texts(config, "cap_drop")},
      {"Dns", texts(config, "dns_servers")},
      {"DnsSearch", texts(config, "dns_search_domains")},
      {"DnsOptions", texts(config, "dns_options")},
      {"ExtraHosts", texts(config, "extra_hosts")},
      {"SecurityOpt", texts(config, "security_opt")},
      {"ReadonlyRootfs", config_truth(config, "readonly_rootfs")},
      {"Ulimits", ulimits(config)},
      {"LogConfig", json::object{{"Type", "json-file"}, {"Config", json::object{{"max-size", "10m"}, {"max-file", "2"}}}}},
  };
  if (!network.empty()) host["NetworkMode"] = network;
  for (const auto& [key, name] : {std::pair{"ipc_mode", "IpcMode"}, {"pid_mode", "PidMode"}, {"uts_mode", "UTSMode"}, {"userns_mode", "UsernsMode"}}) {
    if (const std::string mode = config_text(config, key); !mode.empty()) host[name] = mode;
  }
  if (const auto limit = config_whole(config, "pids_limit"); limit != 0) host["PidsLimit"] = limit;
  if (const auto size = config_whole(config, "shm_size"); size != 0) host["ShmSize"] = size;
  if (config_truth(config, "init")) host["Init"] = true;
  json::object sysctls;
  for (const auto& [name, value] : config_map(config, "sysctl")) sysctls[name] = value;
  if (!sysctls.empty()) host["Sysctls"] = sysctls;

  json::object body{{"Image", full_image_name(config_text(config, "image"))},
                    {"Env", env},
                    {"Labels", labels},
                    {"Tty", config_truth(config, "tty")},
                    {"OpenStdin", config_truth(config, "interactive")}};
  if (!command.empty()) body["Cmd"] = command;
  if (json::array entrypoint = texts(config, "entrypoint"); !entrypoint.empty()) body["Entrypoint"] = entrypoint;
  if (const std::string folder = config_text(config, "work_dir"); !folder.empty()) body["WorkingDir"] = folder;
  if (const std::string name = config_text(config, "hostname"); !name.empty()) body["Hostname"] = name;
  if (!task.user.empty()) body["User"] = task.user;
  if (network != "host" && network != "none" && !network.starts_with("container:")) {
    auto made = ports(task);
    if (!made) return std::unexpected(made.error());
    body["ExposedPorts"] = std::move(made->exposed);
    host["PortBindings"] = std::move(made->bindings);
  }
  body["HostConfig"] = std::move(host);
  return json::serialize(body);
}

}  // namespace orch
