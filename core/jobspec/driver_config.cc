#include "core/jobspec/driver_config.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/duration_text.h"
#include "core/jobspec/diagnostic.h"

namespace orch {
namespace {

using enum ConfigKind;
constexpr auto kept = ConfigKey::Use::kept;
constexpr auto refused = ConfigKey::Use::refused;

const ConfigKeys docker_keys = {
    {"SSL", {truth, kept}},
    {"advertise_ipv6_address", {truth, refused}},
    {"args", {texts}},
    {"auth", {blocks}},
    {"auth_soft_fail", {truth}},
    {"cap_add", {texts}},
    {"cap_drop", {texts}},
    {"cgroupns", {text}},
    {"command", {text}},
    {"container_exists_attempts", {whole, kept}},
    {"cpu_cfs_period", {whole}},
    {"cpu_hard_limit", {truth}},
    {"devices", {blocks}},
    {"dns_options", {texts}},
    {"dns_search_domains", {texts}},
    {"dns_servers", {texts}},
    {"entrypoint", {texts}},
    {"extra_hosts", {texts}},
    {"force_pull", {truth}},
    {"group_add", {texts}},
    {"healthchecks", {blocks, refused}},
    {"hostname", {text}},
    {"image", {text}},
    {"image_pull_timeout", {duration}},
    {"init", {truth}},
    {"interactive", {truth}},
    {"ipc_mode", {text}},
    {"ipv4_address", {text}},
    {"ipv6_address", {text}},
    {"isolation", {text, refused}},
    {"labels", {map}},
    {"load", {text, refused}},
    {"logging", {blocks}},
    {"mac_address", {text}},
    {"memory_hard_limit", {whole}},
    {"mount", {blocks}},
    {"mounts", {blocks}},
    {"network_aliases", {texts}},
    {"network_mode", {text}},
    {"oom_score_adj", {whole}},
    {"pid_mode", {text}},
    {"pids_limit", {whole}},
    {"port_map", {map}},
    {"ports", {texts}},
    {"privileged", {truth}},
    {"readonly_rootfs", {truth}},
    {"runtime", {text, refused}},
    {"security_opt", {texts}},
    {"shm_size", {whole}},
    {"storage_opt", {map}},
    {"sysctl", {map}},
    {"tty", {truth}},
    {"ulimit", {map}},
    {"userns_mode", {text}},
    {"uts_mode", {text}},
    {"volume_driver", {text}},
    {"volumes", {texts}},
    {"work_dir", {text}},
};

const ConfigKeys raw_exec_keys = {
    {"args", {texts}},
    {"cgroup_v1_override", {map, refused}},
    {"cgroup_v2_override", {text, refused}},
    {"command", {text}},
    {"oom_score_adj", {whole, refused}},
    {"work_dir", {text, refused}},
};

const ConfigKeys mock_keys = {
    {"exit_code", {whole}},     {"exit_err_msg", {text}},    {"exit_signal", {whole}},
    {"kill_after", {duration}}, {"run_for", {duration}},     {"signal_error", {text}},
    {"start_block_for", {duration}}, {"start_error", {text}}, {"start_error_recoverable", {truth}},
    {"stdout_string", {text}},
};

bool is_scalar(const Value& value) {
  return value.as_string() != nullptr || value.as_int() != nullptr || value.as_bool() != nullptr ||
         value.as_double() != nullptr;
}

/// Filled in later, on the node: nobody can say yet what it will be.
bool is_open(const Value& value) {
  const std::string* word = value.as_string();
  return word != nullptr && word->find("${") != std::string::npos;
}

bool is_whole(const Value& value) {
  if (value.as_int() != nullptr || is_open(value)) return true;
  const std::string* word = value.as_string();
  std::int64_t number = 0;
  if (word == nullptr) return false;
  const auto [end, error] = std::from_chars(word->data(), word->data() + word->size(), number);
  return error == std::errc() && end == word->data() + word->size();
}

bool is_truth(const Value& value) {
  if (value.as_bool() != nullptr || is_open(value)) return true;
  if (const std::int64_t* number = value.as_int()) return *number == 0 || *number == 1;
  const std::string* word = value.as_string();
  return word != nullptr && (*word == "true" || *word == "false" || *word == "1" || *word == "0");
}

bool is_duration(const Value& value) {
  const std::string* word = value.as_string();
  return value.as_int() != nullptr || is_open(value) || (word != nullptr && parse_duration_text(*word));
}

template <class Is>
bool all_of(const Value& value, Is is) {
  const Value::List* list = value.as_list();
  return list != nullptr && std::all_of(list->begin(), list->end(), is);
}

bool is_block(const Value& value) { return value.as_map() != nullptr; }

/// A block whose members are texts, or a list of such, as job files of the first generation have it.
bool is_map(const Value& value) {
  const auto one = [](const Value& v) {
    const Value::Map* map = v.as_map();
    return map != nullptr &&
           std::all_of(map->begin(), map->end(), [](const auto& member) { return is_scalar(member.second); });
  };
  return one(value) || all_of(value, one);
}

/// What the kind expects when the value is something else.
const char* expected_instead(ConfigKind kind, const Value& value) {
  switch (kind) {
    case text: return is_scalar(value) ? nullptr : "a text";
    case whole: return is_whole(value) ? nullptr : "a whole number";
    case truth: return is_truth(value) ? nullptr : "true or false";
    case duration: return is_duration(value) ? nullptr : "a duration such as \"5s\"";
    case texts: return all_of(value, is_scalar) ? nullptr : "a list of texts";
    case map: return is_map(value) ? nullptr : "a block of texts";
    case blocks: return is_block(value) || all_of(value, is_block) ? nullptr : "a block";
  }
  return nullptr;
}

bool is_empty(const Value& value) {
  const std::string* word = value.as_string();
  return value.is_null() || (word != nullptr && word->empty());
}

/// Set to what it is without being set.
bool says_nothing(const Value& value) {
  const bool* flag = value.as_bool();
  const Value::List* list = value.as_list();
  return is_empty(value) || (flag != nullptr && !*flag) || (list != nullptr && list->empty());
}

}  // namespace

const ConfigKeys* config_keys(const std::string& driver) {
  if (driver == "docker") return &docker_keys;
  if (driver == "raw_exec") return &raw_exec_keys;
  return driver == "mock_driver" ? &mock_keys : nullptr;
}

std::vector<std::string> config_errors(const std::string& driver, const Value::Map& config) {
  std::vector<std::string> errors;
  const ConfigKeys* keys = config_keys(driver);
  if (keys == nullptr) return errors;
  const std::string required = driver == "docker" ? "image" : driver == "raw_exec" ? "command" : "";
  if (!required.empty() && (!config.contains(required) || is_empty(config.at(required)))) {
    errors.push_back("field \"" + required + "\" is required");
  }
  for (const auto& [name, value] : config) {
    const auto known = keys->find(name);
    if (known == keys->end()) {
      std::vector<std::string> names;
      for (const auto& [key, ignored] : *keys) names.push_back(key);
      const std::string close = nearest(name, names);
      errors.push_back("\"" + name + "\" is an invalid field" +
                       (close.empty() ? "" : "; did you mean \"" + close + "\"?"));
    } else if (const char* expected = value.is_null() ? nullptr : expected_instead(known->second.kind, value)) {
      errors.push_back("field \"" + name + "\": expected " + expected);
    } else if (known->second.use == refused && !says_nothing(value)) {
      errors.push_back("field \"" + name + "\" is not supported yet");
    }
  }
  return errors;
}

std::vector<std::string> config_warnings(const std::string& driver, const Value::Map& config) {
  std::vector<std::string> warnings;
  const ConfigKeys* keys = config_keys(driver);
  if (keys == nullptr) return warnings;
  for (const auto& [name, value] : config) {
    const auto known = keys->find(name);
    if (known != keys->end() && known->second.use == kept && !says_nothing(value)) {
      warnings.push_back("config -> " + name + " is kept but not acted on yet");
    }
  }
  return warnings;
}

}  // namespace orch
