// Reads FlatBuffers tables into structs with field tables (fields.h): the other half of table_writer.h.
//
// Two kinds of bytes come in. Those of a group that was verified or whose batch had its checksum are trusted: the
// reader has no bounds. Those from anywhere else have their bounds, and every offset, length and count is held against
// them. In both cases depth and the number of items are bounded: what goes beyond is an error, as are entries of a map
// out of order or under one name. The first thing that does not fit is the error, and nothing is read after it; never a
// crash. Fields that a reader does not know are not seen.
#pragma once

#include <cstring>
#include <limits>
#include <string_view>

#include "core/model/table_writer.h"

namespace orch {

class TableReader {
 public:
  /// Tables within tables: with the three around a registered job (group, entry, command) this is the 64 that
  /// FlatBuffers' own verifiers take.
  static constexpr int depth_max = 61;

  /// Trusted bytes.
  TableReader() : end_(std::numeric_limits<std::uintptr_t>::max()), texts_left_(std::size_t{1} << 28) {}
  /// Bytes from anywhere.
  TableReader(const std::uint8_t* begin, std::size_t size)
      : begin_(reinterpret_cast<std::uintptr_t>(begin)),
        end_(begin_ + size),
        items_left_(std::min<std::size_t>(items_max, size / sizeof(flatbuffers::uoffset_t))),
        texts_left_(size) {}

  /// nullptr: all is well.
  const char* error() const { return error_; }

  /// The root table of a buffer.
  template <HasFields T>
  void read_root(T& object) {
    if (const std::uintptr_t table = follow(begin_)) read(table, object, 1);
  }
  template <HasFields T>
  void read(const std::uint8_t* table, T& object) {
    read(reinterpret_cast<std::uintptr_t>(table), object, 1);
  }

 private:
  static constexpr std::size_t items_max = 1'000'000;

  /// A table whose vtable is within bounds.
  struct Table {
    std::uintptr_t at, vtable;
    std::uint16_t size;  // of the vtable
  };

  template <class T>
  static T load(std::uintptr_t at) {  // at any address: a buffer may stand within other bytes
    T v;
    std::memcpy(&v, reinterpret_cast<const void*>(at), sizeof v);
    return v;
  }
  bool fail(const char* what) {
    if (error_ == nullptr) error_ = what;
    return false;
  }
  bool damaged() { return fail("the tables are damaged"); }
  bool room(std::uintptr_t at, std::size_t size) {
    return (at >= begin_ && at <= end_ && size <= end_ - at) || damaged();
  }
  bool spend(std::size_t items) {
    if (items > items_left_) return fail("there is more in the tables than is ever read");
    items_left_ -= items;
    return true;
  }
  bool open(std::uintptr_t at, int depth, Table& table) {
    if (depth > depth_max) return fail("the tables are nested deeper than 61");
    if (!spend(1) || !room(at, sizeof(flatbuffers::soffset_t))) return false;
    const auto back = static_cast<std::intptr_t>(load<flatbuffers::soffset_t>(at));
    const std::uintptr_t vtable = at - static_cast<std::uintptr_t>(back);
    if (!room(vtable, 2 * sizeof(std::uint16_t))) return false;
    table = {at, vtable, load<std::uint16_t>(vtable)};
    return room(vtable, table.size);
  }
  /// Where a field stands, or 0 when it was left out.
  static std::uintptr_t field(const Table& table, unsigned number) {
    const unsigned slot = slot_of(number);
    if (slot + sizeof(std::uint16_t) > table.size) return 0;
    const auto offset = load<std::uint16_t>(table.vtable + slot);
    return offset == 0 ? 0 : table.at + offset;
  }
  /// Where an offset leads; 0 when it leads nowhere.
  std::uintptr_t follow(std::uintptr_t at) {
    if (!room(at, sizeof(flatbuffers::uoffset_t))) return 0;
    const std::uintptr_t to = at + load<flatbuffers::uoffset_t>(at);
    return room(to, sizeof(flatbuffers::uoffset_t)) ? to : 0;
  }

  template <HasFields T>
  void read(std::uintptr_t at, T& object, int depth) {
    Table table;
    if (!open(at, depth, table)) return;
    for_each_field<T>([&]<unsigned number, class Member>(Field<number>, Member T::*member) {
      static_assert(number > 0 && number <= fields_max, "a field of a table has a number");
      const std::uintptr_t found = field(table, number);
      if (found != 0 && error_ == nullptr) get(found, object.*member, depth);
    });
  }

  template <class T>
  requires detail::is_scalar<T>
  void get(std::uintptr_t at, T& v, int) {
    using Raw = decltype(detail::raw(v));
    if (!room(at, sizeof(Raw))) return;
    const Raw raw = load<Raw>(at);
    if constexpr (std::is_enum_v<T>) {
      if (raw >= word_count(v)) return void(fail("a word of a closed set has a number that is not known"));
      v = static_cast<T>(raw);
    } else if constexpr (std::is_same_v<T, bool>) {
      v = raw != 0;
    } else {
      v = T{raw};
    }
  }
  void get(std::uintptr_t at, std::string& v, int) {
    if (const std::uintptr_t text = follow(at)) v = text_at(text);
  }
  template <HasFields T>
  void get(std::uintptr_t at, T& object, int depth) {
    if (const std::uintptr_t table = follow(at)) read(table, object, depth + 1);
  }
  template <class T>
  void get(std::uintptr_t at, std::optional<T>& v, int depth) {
    get(at, v.emplace(), depth);
  }
  template <class T>
  void get(std::uintptr_t at, std::vector<T>& list, int depth) {
    each(at, [&](std::uintptr_t item) { get(item, list.emplace_back(), depth); });
  }
  template <class T>
  void get(std::uintptr_t at, std::map<std::string, T>& map, int depth) {
    each(at, [&](std::uintptr_t item) {
      Table table;
      const std::uintptr_t to = follow(item);
      if (to == 0 || !open(to, depth + 1, table)) return;
      static_assert(ValueFields::name == EntryFields::name, "an entry begins with its name");
      const std::uintptr_t found = field(table, EntryFields::name);
      std::string name;
      if (found != 0) get(found, name, depth);
      if (error_ != nullptr) return;
      if (!map.empty() && !(map.rbegin()->first < name)) return void(fail("the entries of a map are out of order"));
      T& entry = map.try_emplace(map.end(), std::move(name))->second;
      if constexpr (std::is_same_v<T, Value>) {
        value(table, entry, depth + 1);
      } else if (const std::uintptr_t told = field(table, EntryFields::value)) {
        get(told, entry, depth + 1);
      }
    });
  }
  void get(std::uintptr_t at, Value& v, int depth) {
    Table table;
    if (const std::uintptr_t to = follow(at); to != 0 && open(to, depth + 1, table)) value(table, v, depth + 1);
  }
  void value(const Table& table, Value& value, int depth);
  std::string_view text_at(std::uintptr_t at);

  template <class F>
  void each(std::uintptr_t at, F&& item) {
    const std::uintptr_t list = follow(at);
    if (list == 0) return;
    const std::size_t count = load<flatbuffers::uoffset_t>(list), size = sizeof(flatbuffers::uoffset_t);
    if (!room(list + size, count * size)) return;
    for (std::size_t i = 0; i < count && error_ == nullptr; ++i) item(list + size + i * size);
  }

  std::uintptr_t begin_ = 0, end_;
  std::size_t items_left_ = items_max, texts_left_;
  const char* error_ = nullptr;
};

}  // namespace orch
