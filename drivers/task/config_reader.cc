#include "drivers/task/config_reader.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/duration_text.h"
#include "core/jobspec/diagnostic.h"

namespace orch {
namespace {

const Value* find(const Value::Map& config, const std::string& key) {
  const auto it = config.find(key);
  return it == config.end() ? nullptr : &it->second;
}

std::optional<std::string> scalar(const Value& value) {
  if (const std::string* s = value.as_string()) return *s;
  if (const std::int64_t* i = value.as_int()) return std::to_string(*i);
  if (const bool* b = value.as_bool()) return *b ? "true" : "false";
  if (const double* d = value.as_double()) {
    char buffer[40];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, *d);
    return std::string(buffer, end);
  }
  return {};
}

std::optional<std::int64_t> whole(const Value& value) {
  if (const std::int64_t* i = value.as_int()) return *i;
  const auto text = scalar(value);
  std::int64_t n = 0;
  if (!text) return {};
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), n);
  if (error != std::errc() || end != text->data() + text->size()) return {};
  return n;
}

std::optional<bool> truth(const Value& value) {
  if (const bool* b = value.as_bool()) return *b;
  const auto text = scalar(value);
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return {};
}

}  // namespace

std::string config_text(const Value::Map& config, const std::string& key, std::string otherwise) {
  const Value* value = find(config, key);
  const auto text = value != nullptr ? scalar(*value) : std::nullopt;
  return text ? *text : std::move(otherwise);
}

std::int64_t config_whole(const Value::Map& config, const std::string& key, std::int64_t otherwise) {
  const Value* value = find(config, key);
  return value != nullptr ? whole(*value).value_or(otherwise) : otherwise;
}

bool config_truth(const Value::Map& config, const std::string& key, bool otherwise) {
  const Value* value = find(config, key);
  return value != nullptr ? truth(*value).value_or(otherwise) : otherwise;
}

Duration config_duration(const Value::Map& config, const std::string& key, Duration otherwise) {
  const Value* value = find(config, key);
  if (value == nullptr) return otherwise;
  if (const std::int64_t* ns = value->as_int()) return {*ns};
  return value->as_string() != nullptr ? parse_duration_text(*value->as_string()).value_or(otherwise) : otherwise;
}

std::vector<std::string> config_texts(const Value::Map& config, const std::string& key) {
  std::vector<std::string> texts;
  const Value* value = find(config, key);
  if (value == nullptr || value->as_list() == nullptr) return texts;
  for (const Value& v : *value->as_list()) texts.push_back(scalar(v).value_or(""));
  return texts;
}

std::map<std::string, std::string> config_map(const Value::Map& config, const std::string& key) {
  std::map<std::string, std::string> made;
  const Value* value = find(config, key);
  if (value == nullptr) return made;
  auto take = [&](const Value& from) {
    if (from.as_map() == nullptr) return;
    for (const auto& [k, v] : *from.as_map()) made[k] = scalar(v).value_or("");
  };
  take(*value);
  if (value->as_list() != nullptr) {
    for (const Value& v : *value->as_list()) take(v);
  }
  return made;
}

std::vector<Value::Map> config_blocks(const Value::Map& config, const std::string& key) {
  std::vector<Value::Map> blocks;
  const Value* value = find(config, key);
  if (value == nullptr) return blocks;
  if (const Value::Map* one = value->as_map()) blocks.push_back(*one);
  if (const Value::List* list = value->as_list()) {
    for (const Value& item : *list) {
      if (const Value::Map* one = item.as_map()) blocks.push_back(*one);
    }
  }
  return blocks;
}

std::string unknown_member(const Value::Map& block, const std::vector<std::string>& known) {
  for (const auto& [key, value] : block) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string close = nearest(key, known);
    return "\"" + key + "\" is an invalid field" + (close.empty() ? "" : "; did you mean \"" + close + "\"?");
  }
  return "";
}

}  // namespace orch
