#include "core/runner/snapshot_json.h"

#include <boost/json.hpp>
#include <type_traits>

#include "core/base/assert.h"
#include "core/model/json_limits.h"
#include "core/model/json_text.h"

namespace orch {
namespace {

namespace json = boost::json;

/// How many words each closed set has, so that a number from a file is one of them.
template <class T>
struct WordsOf;
template <>
struct WordsOf<Health> : std::integral_constant<int, 3> {};
template <>
struct WordsOf<TaskLife> : std::integral_constant<int, 3> {};
template <>
struct WordsOf<TaskPhase> : std::integral_constant<int, 8> {};
template <>
struct WordsOf<TaskSnapshot::Restart> : std::integral_constant<int, 3> {};
template <>
struct WordsOf<StopCause::Kind> : std::integral_constant<int, 5> {};

class Writer {
 public:
  std::string out;

  template <HasFields T>
  void write(const T& object) {
    out += '{';
    for_each_field<T>([&](const auto& field, auto member) {
      if (object.*member == preset<T>().*member) return;
      if (out.back() != '{') out += ',';
      append_quoted(out, field.json);
      out += ':';
      write(object.*member);
    });
    out += '}';
  }
  void write(bool v) { append_bool(out, v); }
  void write(std::int64_t v) { append_number(out, v); }
  void write(Duration v) { append_number(out, v.ns); }
  void write(WallTime v) { append_number(out, v.ns); }
  void write(const std::string& v) { append_quoted(out, v); }
  template <class T>
  requires std::is_enum_v<T>
  void write(T v) { append_number(out, static_cast<std::int64_t>(v)); }
  template <class T>
  void write(const std::vector<T>& list) {
    out += '[';
    for (const T& item : list) {
      if (out.back() != '[') out += ',';
      write(item);
    }
    out += ']';
  }
  template <class T>
  void write(const std::map<std::string, T>& map) {
    out += '{';
    for (const auto& [key, item] : map) {
      if (out.back() != '{') out += ',';
      append_quoted(out, key);
      out += ':';
      write(item);
    }
    out += '}';
  }
};

/// Reads what fits and keeps the first complaint.
class Reader {
 public:
  std::string error;

  template <HasFields T>
  void read(const json::value& from, T& object, const std::string& path) {
    const auto* map = from.if_object();
    if (map == nullptr) return complain(path, "an object");
    T::fields(object, [&](const char* name, const char*, auto& member) {
      if (const auto* item = map->if_contains(name)) read(*item, member, path.empty() ? name : path + "." + name);
    });
  }
  void read(const json::value& from, bool& v, const std::string& path) {
    from.is_bool() ? static_cast<void>(v = from.get_bool()) : complain(path, "true or false");
  }
  void read(const json::value& from, std::int64_t& v, const std::string& path) {
    from.is_int64() ? static_cast<void>(v = from.get_int64()) : complain(path, "a whole number");
  }
  void read(const json::value& from, Duration& v, const std::string& path) { read(from, v.ns, path); }
  void read(const json::value& from, WallTime& v, const std::string& path) { read(from, v.ns, path); }
  void read(const json::value& from, std::string& v, const std::string& path) {
    from.is_string() ? static_cast<void>(v = from.get_string()) : complain(path, "text");
  }
  template <class T>
  requires std::is_enum_v<T>
  void read(const json::value& from, T& v, const std::string& path) {
    constexpr int words = WordsOf<T>::value;
    if (!from.is_int64() || from.get_int64() < 0 || from.get_int64() >= words) {
      return complain(path, "a number below " + std::to_string(words));
    }
    v = static_cast<T>(from.get_int64());
  }
  template <class T>
  void read(const json::value& from, std::vector<T>& list, const std::string& path) {
    const auto* items = from.if_array();
    if (items == nullptr) return complain(path, "a list");
    for (std::size_t i = 0; i < items->size(); ++i) {
      read((*items)[i], list.emplace_back(), path + "[" + std::to_string(i) + "]");
    }
  }
  template <class T>
  void read(const json::value& from, std::map<std::string, T>& map, const std::string& path) {
    const auto* items = from.if_object();
    if (items == nullptr) return complain(path, "an object");
    for (const auto& item : *items)
      read(item.value(), map[std::string(item.key())], path + "." + std::string(item.key()));
  }

 private:
  void complain(const std::string& path, const std::string& expected) {
    if (error.empty()) error = (path.empty() ? "snapshot" : path) + ": expected " + expected;
  }
};

}  // namespace

std::string snapshot_to_json(const AllocSnapshot& snapshot) {
  Writer writer;
  writer.write(snapshot);
  return std::move(writer.out);
}

std::expected<AllocSnapshot, std::string> snapshot_from_json(std::string_view text) {
  json::error_code failure;
  const json::value parsed = parse_answer(text, failure);
  if (failure) return std::unexpected("snapshot: not JSON: " + failure.message());
  AllocSnapshot snapshot;
  Reader reader;
  reader.read(parsed, snapshot, "");
  if (!reader.error.empty()) return std::unexpected(reader.error);
  return snapshot;
}

}  // namespace orch
