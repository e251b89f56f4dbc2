// The `${…}` in a task's texts: what TaskEnvironment (environment.h) answers for each, in texts and in whatever holds
// texts.
#include <algorithm>
#include <optional>

#include "core/base/assert.h"
#include "core/runner/environment.h"

namespace orch {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `env["X"]` is `env.X`, and so for meta and attr; nothing when the text between the braces is no reference.
std::optional<std::string> reference(std::string_view inner) {
  const std::size_t bracket = inner.find("[\"");
  const std::string_view plain = inner.substr(0, bracket);
  const bool valid = !plain.empty() && std::all_of(plain.begin(), plain.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.';
  });
  if (!valid) return std::nullopt;
  if (bracket == std::string_view::npos) return std::string(plain);
  const std::string_view rest = inner.substr(bracket + 2);
  if (rest.size() < 3 || !rest.ends_with("\"]")) return std::nullopt;
  return std::string(plain) + "." + std::string(rest.substr(0, rest.size() - 2));
}

/// Walks a model struct by its field table and changes every text in it.
class Interpolator {
 public:
  explicit Interpolator(const TaskEnvironment& environment) : environment_(environment) {}

  template <HasFields T>
  void walk(T& object) const {
    T::fields(object, [this](const char*, const char*, auto& member) { walk(member); });
  }
  void walk(std::string& text) const { text = environment_.interpolate(std::string_view(text)); }
  template <class T>
  void walk(std::vector<T>& list) const {
    for (T& item : list) walk(item);
  }
  template <class T>
  void walk(std::map<std::string, T>& map) const {
    for (auto& [key, item] : map) walk(item);
  }
  template <class T>
  void walk(std::optional<T>& item) const {
    if (item) walk(*item);
  }
  template <class T>
  requires(!HasFields<T>) void walk(T&) const {}  // numbers, durations

 private:
  const TaskEnvironment& environment_;
};

}  // namespace

std::string variable_name(std::string_view name) {
  std::string valid(name);
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const char c = valid[i];
    if (!is_letter(c) && c != '_' && c != '.' && !(i > 0 && is_digit(c))) valid[i] = '_';
  }
  return valid;
}

const std::string* TaskEnvironment::find(std::string_view name) const {
  const auto in = [](const StringMap& map, const std::string& key) {
    const auto at = map.find(key);
    return at == map.end() ? nullptr : &at->second;
  };
  if (const std::string* found = in(node_, std::string(name))) return found;
  if (name.starts_with("env.")) name.remove_prefix(4);
  // A port's label stands in the job as it was written there: ${NOMAD_PORT_http-api}.
  return in(variables_, variable_name(name));
}

std::string TaskEnvironment::interpolate(std::string_view text) const {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find("${", at);
    const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) {
      out += text.substr(at);
      break;
    }
    ORCH_ASSERT(open >= at && close > open, "a reference ends behind its beginning, and what is read is behind us");
    out += text.substr(at, open - at);
    const auto name = reference(text.substr(open + 2, close - open - 2));
    const std::string* value = name ? find(*name) : nullptr;
    if (value != nullptr) {
      out += *value;
      at = close + 1;
    } else {
      // Only the "${" is left behind, since another reference may begin before this brace closes.
      out += "${";
      at = open + 2;
    }
  }
  return out;
}

Value TaskEnvironment::interpolate(const Value& value) const {
  if (const auto* text = value.as_string()) return Value(interpolate(std::string_view(*text)));
  if (const auto* map = value.as_map()) return Value(interpolate(*map));
  if (const auto* list = value.as_list()) {
    Value::List out;
    for (const Value& item : *list) out.push_back(interpolate(item));
    return Value(std::move(out));
  }
  return value;
}

Value::Map TaskEnvironment::interpolate(const Value::Map& map) const {
  Value::Map out;
  for (const auto& [key, item] : map) out[interpolate(std::string_view(key))] = interpolate(item);
  return out;
}

StringList TaskEnvironment::interpolate(const StringList& list) const {
  StringList out;
  for (const std::string& text : list) out.push_back(interpolate(std::string_view(text)));
  return out;
}

Service TaskEnvironment::interpolate(Service service) const {
  Interpolator(*this).walk(service);
  return service;
}

}  // namespace orch
