#include <cstring>
#include <type_traits>
#include <utility>

#include "core/base/assert.h"
#include "core/model/job_json.h"
#include "core/model/json_text.h"

namespace orch {
namespace {

template <HasFields T>
void write_fields(std::string& out, const T& object);

void write(std::string& out, bool v) { append_bool(out, v); }
template <std::integral T>
  requires(!std::same_as<T, bool>)
void write(std::string& out, T v) {
  append_number(out, v);
}
void write(std::string& out, double v) { append_number(out, v); }
void write(std::string& out, const std::string& v) { append_quoted(out, v); }
void write(std::string& out, Duration v) { append_number(out, v.ns); }
void write(std::string& out, const Value& v) { append_value(out, v); }
template <HasFields T>
void write(std::string& out, const T& object) {
  out += '{';
  write_fields(out, object);
  out += '}';
}
template <class T>
void write(std::string& out, const std::vector<T>& list) {
  if (list.empty()) {
    out += "null";
    return;
  }
  char separator = '[';
  for (const T& item : list) {
    out += separator;
    write(out, item);
    separator = ',';
  }
  out += ']';
}
template <class T>
void write(std::string& out, const std::map<std::string, T>& map) {
  if (map.empty()) {
    out += "null";
    return;
  }
  char separator = '{';
  for (const auto& [key, item] : map) {
    out += separator;
    append_quoted(out, key);
    out += ':';
    write(out, item);
    separator = ',';
  }
  out += '}';
}
template <class T>
void write(std::string& out, const std::optional<T>& v) {
  if (v) {
    write(out, *v);
  } else {
    out += "null";
  }
}

template <HasFields T>
void write_fields(std::string& out, const T& object) {
  bool first = true;
  T::fields(object, [&](const char* name, const char*, const auto& member) {
    // One append for the comma, the name and the colon: most of a job's text is names.
    char piece[80];
    char* end = piece;
    if (!first) *end++ = ',';
    first = false;
    *end++ = '"';
    const std::size_t size = std::strlen(name);
    ORCH_ASSERT(size + 4 < sizeof piece, "a field's name is short");
    std::memcpy(end, name, size);
    end += size;
    *end++ = '"';
    *end++ = ':';
    out.append(piece, static_cast<std::size_t>(end - piece));
    write(out, member);
  });
}

/// As the rest, but lists that are empty are [].
template <HasFields T>
void write_listed(std::string& out, const std::vector<T>& list) {
  out += '[';
  for (const T& item : list) {
    if (out.back() != '[') out += ',';
    char separator = '{';
    T::fields(item, [&](const char* name, const char*, const auto& member) {
      out += std::exchange(separator, ',');
      append_quoted(out, name);
      out += ':';
      using Member = std::remove_cvref_t<decltype(member)>;
      if constexpr (std::same_as<Member, std::vector<RunningCheck>>) {
        write_listed(out, member);
      } else if constexpr (std::same_as<Member, StringList>) {
        if (member.empty())
          out += "[]";
        else
          write(out, member);
      } else {
        write(out, member);
      }
    });
    out += '}';
  }
  out += ']';
}

}  // namespace

std::string job_to_json(const Job& job) {
  std::string out;
  out.reserve(4096);
  write(out, job);
  return out;
}

std::string services_to_json(const std::vector<RunningService>& services) {
  std::string out;
  write_listed(out, services);
  return out;
}

void append_job_fields(std::string& out, const Job& job) { write_fields(out, job); }
void append_node_fields(std::string& out, const Node& node) { write_fields(out, node); }
void append_drivers(std::string& out, const std::map<std::string, DriverInfo>& drivers) { write(out, drivers); }
void append_map(std::string& out, const Value::Map& map) { write(out, map); }

void append_value(std::string& out, const Value& value) {
  std::visit(
      [&](const auto& v) {
        using T = std::remove_cvref_t<decltype(v)>;
        if constexpr (std::same_as<T, std::monostate>) {
          out += "null";
        } else if constexpr (std::same_as<T, Value::List>) {
          char separator = '[';
          if (v.empty()) out += separator;
          for (const Value& item : v) {
            out += separator;
            append_value(out, item);
            separator = ',';
          }
          out += ']';
        } else if constexpr (std::same_as<T, Value::Map>) {
          if (v.empty()) {
            out += "{}";
          } else {
            write(out, v);
          }
        } else {
          write(out, v);
        }
      },
      value.storage());
}

}  // namespace orch
