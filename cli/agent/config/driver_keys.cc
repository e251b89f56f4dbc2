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

}  // namespace

void read_plugin(const std::string& name, Block& block, AgentOptions& o) {
  block.needless({"args"});
  if (name != "docker" && name != "raw_exec" && name != "mock_driver") {
    const std::string why = "is not acted on: orch has no driver \"" + name + "\" yet";
    return block.noted({"config"}, why.c_str());
  }
  block.block("config", [&](Block& config) {
    config.each_leaf([&](const std::vector<std::string>& path, Value value) -> std::string {
      Value::Map map;
      for (std::size_t i = path.size(); i-- > 0;) {
        map = {{path[i], std::move(value)}};
        value = Value(map);
      }
      auto taken = o.drivers.set_plugin(name, map);
      return taken ? std::string() : taken.error();
    });
  });
}

void read_option(const std::string& key, const std::string& value, Block& options, AgentOptions& o) {
  o.client.options[key] = value;
  if (key.starts_with("docker.") || key.starts_with("driver.")) {
    if (auto taken = o.drivers.set(key, value); !taken) options.wrong(key.c_str(), taken.error());
    return;
  }
  if (other_options.contains(key)) return options.warn(key.c_str(), "is not acted on yet");
  const std::string close = nearest(key, {other_options.begin(), other_options.end()});
  options.warn(key.c_str(), "is no option that orch knows", close.empty() ? close : "did you mean \"" + close + "\"?");
}

}  // namespace orch::config
