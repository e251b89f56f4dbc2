// Writes structs with field tables (fields.h) as FlatBuffers tables: the schemas in schemas/*.fbs are written from the
// same lists, so what is written here is read by any FlatBuffers reader that has them.
//
//   field           slot number - 1; left out when it equals its preset (which the schema names: `= 50`, or
//                   `default_text`), so a field that came later costs old records nothing
//   optional        left out when it is unset; unset and empty stay apart
//   bool, numbers   scalars; Duration and WallTime are nanoseconds
//   list            a vector; empty when left out
//   map             a vector of tables with a name and a value, by name
//   Value           a table with the one member that says what it is; in a map it has its name as well
//
// Presets of lists, maps, optionals and structs within structs are empty or untouched (a test looks).
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/model/fields.h"
#include "core/model/value.h"

namespace orch {

/// No table has more fields.
inline constexpr unsigned fields_max = 32;

/// The slot of a field, as FlatBuffers' vtables count: numbers begin with 1.
constexpr flatbuffers::voffset_t slot_of(unsigned number) {
  return static_cast<flatbuffers::voffset_t>(4 + 2 * (number - 1));
}

/// The fields of the table that stands for a Value, and of an entry of a map.
struct ValueFields {
  static constexpr unsigned name = 1, truth = 2, whole = 3, real = 4, text = 5, list = 6, map = 7;
};
struct EntryFields {
  static constexpr unsigned name = 1, value = 2;
};

namespace detail {

template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;
template <class T>
struct Unwrapped {
  using Type = T;
};
template <class T>
struct Unwrapped<std::optional<T>> {
  using Type = T;
};

/// What stands in a table itself, not behind an offset.
template <class T>
constexpr bool is_scalar =
    std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, Duration> || std::is_same_v<T, WallTime>;

template <class T>
requires std::is_arithmetic_v<T> T raw(T v) { return v; }
inline std::uint8_t raw(bool v) { return v ? 1 : 0; }
template <class T>
requires std::is_enum_v<T> std::underlying_type_t<T> raw(T v) { return static_cast<std::underlying_type_t<T>>(v); }
inline std::int64_t raw(Duration v) { return v.ns; }
inline std::int64_t raw(WallTime v) { return v.ns; }

}  // namespace detail

class TableWriter {
 public:
  explicit TableWriter(flatbuffers::FlatBufferBuilder& to) : to_(to) {}

  template <HasFields T>
  flatbuffers::uoffset_t write(const T& object) {
    const T& presets = preset<T>();
    // What stands behind an offset comes first, by number; 0: left out.
    std::array<flatbuffers::uoffset_t, fields_max + 1> behind;
    for_each_field<T>([&]<unsigned number, class Member>(Field<number>, Member T::*member) {
      static_assert(number > 0 && number <= fields_max, "a field of a table has a number");
      if constexpr (!detail::is_scalar<typename detail::Unwrapped<Member>::Type>) {
        behind[number] = object.*member == presets.*member ? 0 : put(object.*member);
      }
    });
    const flatbuffers::uoffset_t start = to_.StartTable();
    // Large ones first, so that nothing is lost between them.
    scalars<8>(object, presets);
    scalars<4>(object, presets);
    for_each_field<T>([&]<unsigned number, class Member>(Field<number>, Member T::*) {
      if constexpr (!detail::is_scalar<typename detail::Unwrapped<Member>::Type>) offset(number, behind[number]);
    });
    scalars<1>(object, presets);
    return to_.EndTable(start);
  }

 private:
  using Offset = flatbuffers::Offset<void>;

  template <std::size_t size, class T>
  void scalars(const T& object, const T& presets) {
    for_each_field<T>([&]<unsigned number, class Member>(Field<number>, Member T::*member) {
      using Scalar = typename detail::Unwrapped<Member>::Type;
      if constexpr (detail::is_scalar<Scalar>) {
        if constexpr (sizeof(Scalar) == size) {
          if (object.*member == presets.*member) return;
          if constexpr (detail::is_optional<Member>) {
            to_.AddElement(slot_of(number), detail::raw(*(object.*member)));
          } else {
            to_.AddElement(slot_of(number), detail::raw(object.*member));
          }
        }
      }
    });
  }
  void offset(unsigned number, flatbuffers::uoffset_t at) { to_.AddOffset(slot_of(number), Offset(at)); }

  flatbuffers::uoffset_t put(const std::string& text) { return to_.CreateString(text).o; }
  template <HasFields T>
  flatbuffers::uoffset_t put(const T& object) {
    return write(object);
  }
  template <class T>
  flatbuffers::uoffset_t put(const std::optional<T>& v) {
    return put(*v);
  }
  flatbuffers::uoffset_t put(const Value& value) { return put(value, nullptr); }
  template <class T>
  flatbuffers::uoffset_t put(const std::vector<T>& list) {
    const std::size_t first = items_.size();
    for (const T& item : list) items_.emplace_back(put(item));
    return vector_from(first);
  }
  template <class T>
  flatbuffers::uoffset_t put(const std::map<std::string, T>& map) {
    const std::size_t first = items_.size();
    for (const auto& [name, item] : map) items_.emplace_back(entry(name, item));
    return vector_from(first);
  }
  flatbuffers::uoffset_t vector_from(std::size_t first) {
    const flatbuffers::uoffset_t at = to_.CreateVector(items_.data() + first, items_.size() - first).o;
    items_.resize(first);
    return at;
  }

  flatbuffers::uoffset_t entry(const std::string& name, const Value& value) { return put(value, &name); }
  template <class T>
  flatbuffers::uoffset_t entry(const std::string& name, const T& item) {
    const flatbuffers::uoffset_t value = put(item), text = put(name);
    const flatbuffers::uoffset_t start = to_.StartTable();
    offset(EntryFields::value, value);
    offset(EntryFields::name, text);
    return to_.EndTable(start);
  }
  flatbuffers::uoffset_t put(const Value& value, const std::string* name);

  flatbuffers::FlatBufferBuilder& to_;
  std::vector<Offset> items_;  // of the lists that are being written, the outer ones first
};

}  // namespace orch
