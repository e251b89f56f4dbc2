#include "core/runner/environment.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace orch {
namespace {

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

std::string address(const std::string& ip, const std::string& port) {
  return ip.find(':') == std::string::npos ? ip + ":" + port : "[" + ip + "]:" + port;
}

std::optional<int> port_of(const Value& value) {
  if (const auto* number = value.as_int()) return static_cast<int>(*number);
  if (const auto* number = value.as_double()) return static_cast<int>(*number);
  const auto* text = value.as_string();
  int port = 0;
  if (text == nullptr) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), port);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return port;
}

void add_port_map(std::map<std::string, int>& ports, const Value& value) {
  if (const auto* list = value.as_list()) {
    for (const Value& item : *list) add_port_map(ports, item);
  } else if (const auto* map = value.as_map()) {
    for (const auto& [label, port] : *map) {
      if (const auto number = port_of(port)) ports[label] = *number;
    }
  }
}

StringMap node_values(const Node& node, const std::string& region) {
  StringMap values{{"node.unique.id", node.id},
                   {"node.unique.name", node.name},
                   {"node.class", node.node_class},
                   {"node.datacenter", node.datacenter},
                   {"node.region", region}};
  for (const auto& [key, value] : node.attributes) values["attr." + key] = value;
  for (const auto& [key, value] : node.meta) values["meta." + key] = value;
  return values;
}

}  // namespace

std::map<std::string, int> port_map_of(const Value::Map& config) {
  std::map<std::string, int> ports;
  if (const auto at = config.find("port_map"); at != config.end()) add_port_map(ports, at->second);
  return ports;
}

std::string TaskEnvironment::index_of(std::string_view alloc_name) {
  const std::size_t open = alloc_name.rfind('[');
  if (open == std::string_view::npos || !alloc_name.ends_with(']')) return "";
  return std::string(alloc_name.substr(open + 1, alloc_name.size() - open - 2));
}

TaskEnvironment TaskEnvironment::of(const EnvironmentSource& source) {
  TaskEnvironment environment;
  environment.node_ = node_values(source.node, source.region);
  for (const auto& [key, value] : source.host_env) environment.set(key, value);
  environment.add_allocation(source);
  environment.add_ports(source);
  environment.add_meta(source);
  // Variables of the job may name all that stands above, not each other: their order would decide then.
  StringMap own;
  for (const auto& [key, value] : source.task.env) own[key] = environment.interpolate(std::string_view(value));
  for (auto& [key, value] : own) environment.set(key, std::move(value));
  return environment;
}

void TaskEnvironment::set(std::string_view name, std::string value) {
  variables_[variable_name(name)] = std::move(value);
}

void TaskEnvironment::add_allocation(const EnvironmentSource& source) {
  const auto assigned = source.task_resources.find(source.task.name);
  const Resources& resources = assigned == source.task_resources.end() ? source.task.resources : assigned->second;
  set("NOMAD_ALLOC_DIR", source.folders.alloc_dir);
  set("NOMAD_TASK_DIR", source.folders.task_dir);
  set("NOMAD_SECRETS_DIR", source.folders.secrets_dir);
  set("NOMAD_CPU_LIMIT", std::to_string(resources.cpu));
  set("NOMAD_MEMORY_LIMIT", std::to_string(resources.memory_mb));
  set("NOMAD_ALLOC_ID", source.alloc_id);
  set("NOMAD_ALLOC_NAME", source.alloc_name);
  set("NOMAD_ALLOC_INDEX", index_of(source.alloc_name));
  set("NOMAD_GROUP_NAME", source.group.name);
  set("NOMAD_JOB_ID", source.job.id);
  set("NOMAD_JOB_NAME", source.job.name);
  if (!source.job.parent_id.empty()) set("NOMAD_JOB_PARENT_ID", source.job.parent_id);
  set("NOMAD_TASK_NAME", source.task.name);
  set("NOMAD_NAMESPACE", source.job.namespace_name);
  set("NOMAD_DC", source.node.datacenter);
  set("NOMAD_REGION", source.region);
}

void TaskEnvironment::add_ports(const EnvironmentSource& source) {
  const auto port_map = port_map_of(interpolate(source.task.config));
  add_ports_of(source.group_networks, port_map);
  for (const auto& [task, resources] : source.task_resources) {
    if (task == source.task.name) {
      add_ports_of(resources.networks, port_map);
      continue;
    }
    for (const NetworkResource& network : resources.networks) {
      for (const auto* ports : {&network.reserved_ports, &network.dynamic_ports}) {
        for (const Port& port : *ports) {
          const std::string suffix = task + "_" + port.label;
          const std::string number = std::to_string(port.value);
          set("NOMAD_IP_" + suffix, network.ip);
          set("NOMAD_PORT_" + suffix, number);
          set("NOMAD_ADDR_" + suffix, address(network.ip, number));
        }
      }
    }
  }
}

void TaskEnvironment::add_ports_of(const std::vector<NetworkResource>& networks,
                                   const std::map<std::string, int>& port_map) {
  for (const NetworkResource& network : networks) {
    for (const auto* ports : {&network.reserved_ports, &network.dynamic_ports}) {
      for (const Port& port : *ports) {
        const auto mapped = port_map.find(port.label);
        const int inside = mapped != port_map.end() ? mapped->second : std::max(port.to, 0);
        const std::string number = std::to_string(port.value);
        set("NOMAD_IP_" + port.label, network.ip);
        set("NOMAD_HOST_PORT_" + port.label, number);
        set("NOMAD_ADDR_" + port.label, address(network.ip, number));
        set("NOMAD_PORT_" + port.label, inside > 0 ? std::to_string(inside) : number);
        ports_.push_back({port.label, network.ip, port.value, inside});
      }
    }
  }
}

void TaskEnvironment::add_meta(const EnvironmentSource& source) {
  StringMap meta;
  // What a dispatch may leave out is empty rather than absent.
  if (source.job.parameterized) {
    for (const std::string& key : source.job.parameterized->meta_optional) meta[key];
  }
  for (const StringMap* layer : {&source.job.meta, &source.group.meta, &source.task.meta}) {
    for (const auto& [key, value] : *layer) meta[key] = value;
  }
  for (auto& [key, value] : meta) value = interpolate(std::string_view(value));
  for (const auto& [key, value] : meta) set("NOMAD_META_" + upper(key), value);
  for (const auto& [key, value] : meta) set("NOMAD_META_" + key, value);
}

}  // namespace orch
