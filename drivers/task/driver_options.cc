#include "drivers/task/driver_options.h"

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "core/base/duration_text.h"
#include "core/jobspec/diagnostic.h"
#include "drivers/task/config_reader.h"

namespace orch {
namespace {

using Result = std::expected<void, std::string>;
using Setter = std::function<Result(DriverOptions&, const std::string&)>;

Result take_truth(bool& to, const std::string& text) {
  if (text == "true" || text == "1") {
    to = true;
  } else if (text == "false" || text == "0") {
    to = false;
  } else {
    return std::unexpected("expected true or false, got \"" + text + "\"");
  }
  return {};
}

Setter truth(bool DriverOptions::*to) {
  return [to](DriverOptions& o, const std::string& text) { return take_truth(o.*to, text); };
}
Setter truth(bool DockerOptions::*to) {
  return [to](DriverOptions& o, const std::string& text) { return take_truth(o.docker.*to, text); };
}
Setter words(std::string DockerOptions::*to) {
  return [to](DriverOptions& o, const std::string& text) -> Result {
    o.docker.*to = text;
    return {};
  };
}

std::set<std::string> names(const std::string& text) {
  std::set<std::string> found;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string name = text.substr(begin, end - begin);
    name.erase(0, name.find_first_not_of(' '));
    name.erase(name.find_last_not_of(' ') + 1);
    if (!name.empty()) found.insert(std::move(name));
    begin = end + 1;
  }
  return found;
}

Result take_endpoint(DriverOptions& o, const std::string& text) {
  constexpr std::string_view scheme = "unix://";
  if (text.starts_with('/')) {
    o.docker.socket = text;
  } else if (text.starts_with(scheme) && text.size() > scheme.size() && text[scheme.size()] == '/') {
    o.docker.socket = text.substr(scheme.size());
  } else {
    return std::unexpected("only an engine on this machine is supported: expected unix:///PATH, got \"" + text + "\"");
  }
  return {};
}

Result take_caps(DriverOptions& o, const std::string& text) {
  o.docker.allowed_caps.clear();
  for (const std::string& name : names(text)) o.docker.allowed_caps.insert(capability_name(name));
  return {};
}

/// A setting that is fine at this value and not acted on otherwise.
Setter only_value(std::string value) {
  return [value = std::move(value)](DriverOptions&, const std::string& text) -> Result {
    if (text == value || text.empty()) return {};
    return std::unexpected("is not supported yet" + (value.empty() ? "" : "; \"" + value + "\" is what orch does"));
  };
}

const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, Setter> table = {
      {"docker.endpoint", take_endpoint},
      {"docker.auth.config", words(&DockerOptions::auth_file)},
      {"docker.auth.helper", words(&DockerOptions::auth_helper)},
      {"docker.volumes.enabled", truth(&DockerOptions::volumes_enabled)},
      {"docker.volumes.selinuxlabel", only_value("")},
      {"docker.privileged.enabled", truth(&DockerOptions::allow_privileged)},
      {"docker.caps.whitelist", take_caps},
      {"docker.cleanup.image", only_value("false")},
      {"docker.cleanup.image.delay", only_value("")},
      {"docker.cleanup.container", only_value("true")},
      {"docker.nvidia_runtime", only_value("")},
      {"docker.tls.cert", only_value("")},
      {"docker.tls.key", only_value("")},
      {"docker.tls.ca", only_value("")},
      {"docker.pull_activity_timeout",
       [](DriverOptions& o, const std::string& text) -> Result {
         const auto time = parse_duration_text(text);
         if (!time || time->ns <= 0) return std::unexpected("expected a duration such as \"2m\", got \"" + text + "\"");
         o.docker.pull_silence = *time;
         return {};
       }},
      {"driver.raw_exec.enable", truth(&DriverOptions::raw_exec)},
      {"driver.raw_exec.no_cgroups", only_value("true")},
      {"driver.mock_driver.enable", truth(&DriverOptions::mock)},
      {"driver.whitelist",
       [](DriverOptions& o, const std::string& text) -> Result {
         o.only = names(text);
         return {};
       }},
      {"driver.blacklist",
       [](DriverOptions& o, const std::string& text) -> Result {
         o.never = names(text);
         return {};
       }},
  };
  return table;
}

/// `plugin "docker" { config { auth { config = … } } }` is docker.auth.config, and so on.
std::string option_of(const std::string& driver, const std::string& path) {
  static const std::map<std::string, std::string> other_names = {
      {"docker.allow_privileged", "docker.privileged.enabled"}, {"docker.allow_caps", "docker.caps.whitelist"},
      {"docker.gc.image", "docker.cleanup.image"},              {"docker.gc.image_delay", "docker.cleanup.image.delay"},
      {"docker.gc.container", "docker.cleanup.container"},      {"raw_exec.enabled", "driver.raw_exec.enable"},
      {"raw_exec.no_cgroups", "driver.raw_exec.no_cgroups"},    {"mock_driver.enabled", "driver.mock_driver.enable"},
  };
  const std::string full = driver + "." + path;
  const auto at = other_names.find(full);
  return at != other_names.end() ? at->second : full;
}

}  // namespace

std::string capability_name(std::string name) {
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  if (name.starts_with("CAP_")) name.erase(0, 4);
  return name;
}

Result DriverOptions::set(const std::string& key, const std::string& value) {
  const auto at = setters().find(key);
  if (at == setters().end()) {
    std::vector<std::string> known;
    for (const auto& [name, setter] : setters()) known.push_back(name);
    const std::string close = nearest(key, known);
    return std::unexpected("unknown driver option \"" + key + "\"" +
                           (close.empty() ? "" : "; did you mean \"" + close + "\"?"));
  }
  if (auto taken = at->second(*this, value); !taken)
    return std::unexpected("driver option \"" + key + "\": " + taken.error());
  return {};
}

Result DriverOptions::set_plugin(const std::string& driver, const Value::Map& config) {
  const std::function<Result(const Value::Map&, const std::string&)> take = [&](const Value::Map& map,
                                                                                const std::string& prefix) -> Result {
    for (const auto& [key, value] : map) {
      const std::string path = prefix + key;
      if (const Value::Map* block = value.as_map()) {
        if (auto taken = take(*block, path + "."); !taken) return taken;
        continue;
      }
      std::string text;
      if (const Value::List* list = value.as_list()) {
        // Blocks come as a list of maps, in the older language; a list of texts is joined as `options` has it.
        bool blocks = !list->empty();
        for (const Value& item : *list) blocks = blocks && item.as_map() != nullptr;
        if (blocks) {
          for (const Value& item : *list) {
            if (auto taken = take(*item.as_map(), path + "."); !taken) return taken;
          }
          continue;
        }
        for (const std::string& item : config_texts(map, key)) text += (text.empty() ? "" : ",") + item;
      } else {
        text = config_text(map, key);
      }
      if (auto taken = set(option_of(driver, path), text); !taken) {
        return std::unexpected("plugin \"" + driver + "\" -> config -> " + path + ": " + taken.error());
      }
    }
    return {};
  };
  return take(config, "");
}

bool DriverOptions::offers(const std::string& driver) const {
  return (only.empty() || only.contains(driver)) && !never.contains(driver);
}

}  // namespace orch
