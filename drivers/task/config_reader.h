// Reading a driver's `config` block, after core/jobspec/driver_config.h has found no error in it: what is absent, or
// does not fit all the same, answers `otherwise`.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/model/value.h"

namespace orch {

std::string config_text(const Value::Map& config, const std::string& key, std::string otherwise = {});
std::int64_t config_whole(const Value::Map& config, const std::string& key, std::int64_t otherwise = 0);
bool config_truth(const Value::Map& config, const std::string& key, bool otherwise = false);
Duration config_duration(const Value::Map& config, const std::string& key, Duration otherwise = {});
std::vector<std::string> config_texts(const Value::Map& config, const std::string& key);
/// A map, or a list of maps as job files of the first generation have it, merged; values as text.
std::map<std::string, std::string> config_map(const Value::Map& config, const std::string& key);
/// The blocks of that name, in order; one block, or a list of them.
std::vector<Value::Map> config_blocks(const Value::Map& config, const std::string& key);

/// A sentence about the first member of a block that is not among the known ones; empty when all are.
std::string unknown_member(const Value::Map& block, const std::vector<std::string>& known);

}  // namespace orch
