// Reading a driver's `config` block: keys with their kinds, and sentences for what does not fit.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/model/value.h"

namespace orch {

enum class ConfigKind { text, whole, truth, duration, texts, map };

/// Errors of a block against its known keys; a misspelt key names the nearest one. `required` keys must be there.
std::vector<std::string> check_config(const Value::Map& config, const std::map<std::string, ConfigKind>& known,
                                      const std::vector<std::string>& required);

std::string config_text(const Value::Map& config, const std::string& key, std::string otherwise = {});
std::int64_t config_whole(const Value::Map& config, const std::string& key, std::int64_t otherwise = 0);
bool config_truth(const Value::Map& config, const std::string& key, bool otherwise = false);
Duration config_duration(const Value::Map& config, const std::string& key, Duration otherwise = {});
std::vector<std::string> config_texts(const Value::Map& config, const std::string& key);
/// A map, or a list of maps as job files of the first generation have it, merged; values as text.
std::map<std::string, std::string> config_map(const Value::Map& config, const std::string& key);

}  // namespace orch
