#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <limits>
#include <type_traits>

#include "core/base/time_text.h"
#include "core/base/limits.h"
#include "core/model/field_path.h"
#include "core/model/job_json.h"
#include "core/model/value_levels.h"

namespace orch {
namespace {

namespace json = boost::json;

/// Walks a document beside the field tables; stops at the first value that doesn't fit.
class Reader {
 public:
  std::string error;

  template <HasFields T>
  void read(const json::value& from, T& object) {
    read_fields(from, object);
  }
  void read(const json::value& from, TaskState& state) {
    read_fields(from, state);
    const json::object* source = from.if_object();
    const json::value* word = source != nullptr ? source->if_contains("State") : nullptr;
    if (word != nullptr && !word->is_null()) inside({.field = "State"}, *word, state.life);
  }
  void read(const json::value& from, TaskLife& life) {
    for (const TaskLife known : {TaskLife::pending, TaskLife::running, TaskLife::dead}) {
      if (!from.is_string() || std::string_view(from.get_string()) != text(known)) continue;
      life = known;
      return;
    }
    wrong("pending, running or dead", from);
  }
  void read(const json::value& from, WallTime& v) {
    if (const json::string* text = from.if_string()) {
      const auto time = parse_rfc3339(*text);
      return time ? void(v = *time) : wrong("a time of RFC 3339 in UTC", from);
    }
    if (!whole(from, v.ns)) return wrong("a time in nanoseconds", from);
  }
  template <HasFields T>
  void read_fields(const json::value& from, T& object) {
    const json::object* source = from.if_object();
    if (source == nullptr) return wrong("an object", from);
    // Programs mostly write the fields in our order: the next one is looked at before the rest.
    auto next = source->begin();
    T::fields(object, [&](const char* name, const char*, auto& member) {
      if (!error.empty()) return;
      const json::value* item = nullptr;
      if (next != source->end() && next->key() == name) {
        item = &next->value();
        ++next;
      } else {
        auto found = source->find(name);
        if (found == source->end()) return;
        item = &found->value();
        next = std::next(found);
      }
      if (item->is_null()) return;
      inside({.field = name}, *item, member);
    });
  }
  void read(const json::value& from, bool& v) {
    if (!from.is_bool()) return wrong("true or false", from);
    v = from.get_bool();
  }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  void read(const json::value& from, T& v) {
    std::int64_t number = 0;
    if (!whole(from, number) || number < std::numeric_limits<T>::min() || number > std::numeric_limits<T>::max()) {
      return wrong(sizeof(T) == 4 ? "a whole number of 32 bits" : "a whole number", from);
    }
    v = static_cast<T>(number);
  }
  void read(const json::value& from, double& v) {
    if (!from.is_number()) return wrong("a number", from);
    v = from.to_number<double>();
    if (!std::isfinite(v)) wrong("a number that has an end", from);
  }
  void read(const json::value& from, std::string& v) {
    if (!from.is_string()) return wrong("text", from);
    v = from.get_string();
  }
  void read(const json::value& from, Duration& v) {
    if (!whole(from, v.ns)) return wrong("a duration in nanoseconds", from);
  }
  void read(const json::value& from, Value& v) {
    v = value_from_json(from);
    if (levels_of(v) > deepest_value) wrong("a value of at most 32 levels", from);
    static_assert(deepest_value == 32, "the sentence above names the bound");
  }
  template <class T>
  void read(const json::value& from, std::optional<T>& v) {
    read(from, v.emplace());
  }
  template <class T>
  void read(const json::value& from, std::vector<T>& list) {
    const json::array* source = from.if_array();
    if (source == nullptr) return wrong("a list", from);
    list.clear();
    for (std::size_t i = 0; i < source->size() && error.empty(); ++i) {
      inside({.item = i}, (*source)[i], list.emplace_back());
    }
  }
  template <class T>
  void read(const json::value& from, std::map<std::string, T>& map) {
    const json::object* source = from.if_object();
    if (source == nullptr) return wrong("an object", from);
    map.clear();
    for (const auto& [key, item] : *source) {
      if (!error.empty()) return;
      inside({.key = {key.data(), key.size()}, .of_map = true}, item, map[std::string(key)]);
    }
  }

 private:
  template <class T>
  void inside(FieldStep step, const json::value& from, T& member) {
    step.before = last_;
    last_ = &step;
    read(from, member);
    last_ = step.before;
  }
  static bool whole(const json::value& from, std::int64_t& out) {
    json::error_code failed;
    out = from.is_number() ? from.to_number<std::int64_t>(failed) : 0;
    return from.is_number() && !failed;
  }
  void wrong(const char* expected, const json::value& got) {
    if (!error.empty()) return;
    std::string found = json::serialize(got);
    if (found.size() > 60) found = found.substr(0, 57) + "...";
    error = (last_ == nullptr ? "the document" : path_to(last_)) + ": expected " + expected + ", got " + found;
  }

  const FieldStep* last_ = nullptr;
};

template <class T>
std::expected<T, std::string> read_document(const json::value& from) {
  T made;
  Reader reader;
  reader.read(from, made);
  if (!reader.error.empty()) return std::unexpected(std::move(reader.error));
  return made;
}

}  // namespace

std::expected<Job, std::string> job_from_json(const json::value& from) { return read_document<Job>(from); }
std::expected<Node, std::string> node_from_json(const json::value& from) { return read_document<Node>(from); }

std::expected<TaskStates, std::string> task_states_from_json(const json::value& from) {
  TaskStates states;
  Reader reader;
  reader.read(from, states.tasks);
  if (!reader.error.empty()) return std::unexpected(std::move(reader.error));
  return states;
}
std::expected<std::vector<RunningService>, std::string> services_from_json(const json::value& from) {
  std::vector<RunningService> services;
  Reader reader;
  reader.read(from, services);
  if (!reader.error.empty()) return std::unexpected(std::move(reader.error));
  return services;
}

Value value_from_json(const json::value& from) {
  switch (from.kind()) {
    case json::kind::null: return {};
    case json::kind::bool_: return from.get_bool();
    case json::kind::int64: return from.get_int64();
    case json::kind::uint64: return static_cast<double>(from.get_uint64());
    case json::kind::double_: {
      const double d = from.get_double();
      if (!std::isfinite(d)) return {};  // has no text in JSON: it would spoil every answer that it is in
      const auto whole = static_cast<std::int64_t>(d);
      if (d > -9e15 && d < 9e15 && static_cast<double>(whole) == d) return whole;
      return d;
    }
    case json::kind::string: return std::string(from.get_string());
    case json::kind::array: {
      Value::List list;
      for (const json::value& item : from.get_array()) list.push_back(value_from_json(item));
      return list;
    }
    case json::kind::object: {
      Value::Map map;
      for (const auto& [key, item] : from.get_object()) map.emplace(std::string(key), value_from_json(item));
      return map;
    }
  }
  return {};
}

}  // namespace orch
