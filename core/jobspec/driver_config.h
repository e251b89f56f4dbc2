// What a task's `config` block may say, by driver: the keys with their kinds, and which of them orch acts on.
//
// The server checks jobs by it before they are taken, the node's drivers check again what is left after ${…} was filled
// in. A text with "${" fits every kind that a text can become. Drivers that orch has no table of take any block.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/model/value.h"

namespace orch {

enum class ConfigKind { text, whole, truth, duration, texts, map, blocks };

struct ConfigKey {
  enum class Use {
    acted_on,
    kept,     ///< harmless to leave out: warned of
    refused,  ///< the task would run wrongly without it
  };
  ConfigKind kind = ConfigKind::text;
  Use use = Use::acted_on;
};

using ConfigKeys = std::map<std::string, ConfigKey>;

/// The keys of "docker", "raw_exec" and "mock_driver"; nullptr for other drivers.
const ConfigKeys* config_keys(const std::string& driver);

/// One sentence per error; each names its key. Empty: the driver can go by it.
std::vector<std::string> config_errors(const std::string& driver, const Value::Map& config);

/// Keys that are accepted and not acted on.
std::vector<std::string> config_warnings(const std::string& driver, const Value::Map& config);

}  // namespace orch
