// Bytes of keys and rows: fixed-width numbers and texts with their length, little-endian in values, big-endian in keys.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/base/assert.h"
#include "core/log/log.h"

namespace orch {

class RowWriter {
 public:
  template <class T>
    requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
  RowWriter& number(T value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  RowWriter& text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    out_.append(value);
    return *this;
  }
  template <class T>
  RowWriter& column(const std::vector<T>& values) {
    number(static_cast<std::uint32_t>(values.size()));
    out_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    return *this;
  }
  std::string take() { return std::move(out_); }
  /// What was written, until the next change.
  std::string_view view() const { return out_; }
  /// Begins a new row in the same memory.
  RowWriter& fresh() {
    out_.clear();
    return *this;
  }

 private:
  std::string out_;
};

/// A column inside a row, read in place; rows are not aligned, so elements are copied out.
template <class T>
class ColumnView {
 public:
  ColumnView() = default;
  ColumnView(const char* data, std::uint32_t size) : data_(data), size_(size) {}
  std::uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T operator[](std::size_t i) const {
    T value;
    std::memcpy(&value, data_ + i * sizeof(T), sizeof(T));
    return value;
  }

 private:
  const char* data_ = nullptr;
  std::uint32_t size_ = 0;
};

class RowReader {
 public:
  explicit RowReader(std::string_view row) : rest_(row) {}

  bool at_end() const { return rest_.empty(); }

  template <class T>
  T number() {
    ORCH_ASSERT(rest_.size() >= sizeof(T), "a row is as long as its format says");
    T value;
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  std::string_view text() {
    const auto size = number<std::uint32_t>();
    ORCH_ASSERT(rest_.size() >= size, "a row is as long as its format says");
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }
  template <class T>
  ColumnView<T> column() {
    const auto size = number<std::uint32_t>();
    ORCH_ASSERT(rest_.size() / sizeof(T) >= size, "a row is as long as its format says");
    const ColumnView<T> view(rest_.data(), size);
    rest_.remove_prefix(size * sizeof(T));
    return view;
  }

 private:
  std::string_view rest_;
};

inline void append_key(std::string& out, std::uint32_t n) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(n >> shift);
}
inline std::uint32_t number_in(std::string_view key, std::size_t at = 0) {
  ORCH_ASSERT(key.size() >= at + 4, "a key holds the number that is looked for");
  std::uint32_t n = 0;
  for (std::size_t i = at; i < at + 4; ++i) n = n << 8 | static_cast<unsigned char>(key[i]);
  return n;
}
inline std::string key_of(std::uint32_t n) {
  std::string key;
  append_key(key, n);
  return key;
}
inline std::string key_of(std::uint32_t a, std::uint32_t b) {
  std::string key;
  append_key(key, a);
  append_key(key, b);
  return key;
}

/// Ends the key of an object's version: newer versions come first, so the version that holds at an index is the first
/// row at or after the object's key with that index.
inline void append_version(std::string& key, LogIndex index) {
  append_key(key, static_cast<std::uint32_t>(~index >> 32));
  append_key(key, static_cast<std::uint32_t>(~index));
}
inline std::string version_key(std::uint32_t n, LogIndex index) {
  std::string key = key_of(n);
  append_version(key, index);
  return key;
}
inline LogIndex index_in(std::string_view version_key) {
  ORCH_ASSERT(version_key.size() >= 8, "the key of a version ends with its index");
  const std::size_t at = version_key.size() - 8;
  return ~(static_cast<LogIndex>(number_in(version_key, at)) << 32 | number_in(version_key, at + 4));
}

/// What a node says of an allocation is kept by node: it tells of many at once, and their rows stand side by side.
inline std::string reported_key(std::uint32_t node, std::uint32_t n) { return key_of(node, n); }
inline std::string reported_version_key(std::uint32_t node, std::uint32_t n, LogIndex index) {
  std::string key;
  key.reserve(16);
  append_key(key, node);
  append_key(key, n);
  append_version(key, index);
  return key;
}

}  // namespace orch
