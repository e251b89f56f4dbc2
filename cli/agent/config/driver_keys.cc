// What the configuration says of task drivers; drivers/task/driver_options.h knows the settings themselves.
#include <set>

#include "cli/agent/config/keys.h"

namespace orch::config {
namespace {

// Of Nomad's client options those that concern no driver.
const std::set<std::string> other_options = {"fingerprint.whitelist",
                                             "fingerprint.blacklist",
                                             "fingerprint.allowlist",
                                             "fingerprint.denylist",
                                             "fingerprint.network.disallow_link_local",
                                             "user.blacklist",
                                             "user.denylist",
                                             "user.checked_drivers",
                                             "env.blacklist",
                                             "env.denylist",
                                             "consul.address"};

// Settings of drivers that only make a node tidier, and are not acted on yet; all others are for DriverOptions to
// judge.
const std::set<std::string> tidying_options = {
    "docker.cleanup.image",        "docker.cleanup.image.delay", "docker.cleanup.container",
    "docker.volumes.selinuxlabel", "docker.nvidia_runtime",      "driver.raw_exec.no_cgroups",
    "driver.exec.enable",          "driver.java.enable",         "driver.qemu.enable"};
const std::set<std::string> tidying_keys = {"docker -> gc -> image",
                                            "docker -> gc -> image_delay",
                                            "docker -> gc -> container",
                                            "docker -> gc -> dangling_containers -> enabled",
                                            "docker -> gc -> dangling_containers -> dry_run",
                                            "docker -> gc -> dangling_containers -> period",
                                            "docker -> gc -> dangling_containers -> creation_grace",
                                            "docker -> volumes -> selinuxlabel",
                                            "docker -> nvidia_runtime",
                                            "docker -> allow_runtimes",
                                            "docker -> infra_image",
                                            "docker -> infra_image_pull_timeout",
                                            "docker -> image_pull_timeout",
                                            "docker -> extra_labels",
                                            "docker -> container_exists_attempts",
                                            "docker -> pids_limit",
                                            "docker -> logging -> type",
                                            "docker -> disable_log_collection",
                                            "raw_exec -> no_cgroups"};

}  // namespace

void read_plugin(const std::string& name, Block& block, AgentOptions& o) {
  block.needless({"args"});
  if (name != "docker" && name != "raw_exec" && name != "mock_driver") {
    const std::string why = "is not acted on: orch has no driver \"" + name + "\" yet";
    return block.noted({"config"}, why.c_str());
  }
  block.block("config", [&](Block& config) {
    config.each_leaf([&](const std::vector<std::string>& path, Value value) -> Block::Finding {
      std::string key = name;
      for (const std::string& part : path) key += " -> " + part;
      Value::Map map;
      for (std::size_t i = path.size(); i-- > 0;) {
        map = {{path[i], std::move(value)}};
        value = Value(map);
      }
      DriverOptions tried = o.drivers;
      auto taken = tried.set_plugin(name, map);
      if (taken) o.drivers = std::move(tried);
      if (taken) return {};
      if (tidying_keys.contains(key))
        return {"", "plugin \"" + name + "\" -> config" + key.substr(name.size()) + " is not acted on yet"};
      return {taken.error(), ""};
    });
  });
}

void read_option(const std::string& key, const std::string& value, Block& options, AgentOptions& o) {
  o.client.options[key] = value;
  if (key.starts_with("docker.") || key.starts_with("driver.")) {
    const auto taken = o.drivers.set(key, value);
    if (taken) return;
    if (tidying_options.contains(key)) return options.warn(key.c_str(), "is not acted on yet");
    return options.wrong(key.c_str(), taken.error());
  }
  if (other_options.contains(key)) return options.warn(key.c_str(), "is not acted on yet");
  const std::string close = nearest(key, {other_options.begin(), other_options.end()});
  options.warn(key.c_str(), "is no option that orch knows", close.empty() ? close : "did you mean \"" + close + "\"?");
}

}  // namespace orch::config
