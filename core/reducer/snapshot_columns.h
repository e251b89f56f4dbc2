// How a column becomes bytes, and the two hands that do it: ColumnWriter and ColumnReader have the same calls, so that
// one description of a state (snapshot.cc) serves both.
//
// A column is a sequence of 64-bit words. It is kept as differences to the word before, as variable-length numbers, in
// alternating stretches of literals and of one difference repeated: dense numbers and constant columns come to a few
// bytes, others to one or two bytes an entry. Texts go through a dictionary. The reader trusts nothing: what does not
// fit sets `failed` and reads as empty.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "core/base/numbers.h"
#include "core/base/time.h"

namespace orch {

/// Values as words.
template <class T>
  requires(std::integral<T> || std::is_enum_v<T>)
std::uint64_t to_word(T v) { return static_cast<std::uint64_t>(v); }
template <class T>
  requires(std::integral<T> || std::is_enum_v<T>)
void from_word(std::uint64_t word, T& v) { v = static_cast<T>(word); }
template <class Tag>
std::uint64_t to_word(Number<Tag> n) { return n.value; }
template <class Tag>
void from_word(std::uint64_t word, Number<Tag>& n) { n.value = static_cast<std::uint32_t>(word); }
template <class T>
  requires(std::same_as<T, Duration> || std::same_as<T, WallTime> || std::same_as<T, Elapsed>)
std::uint64_t to_word(T time) { return static_cast<std::uint64_t>(time.ns); }
template <class T>
  requires(std::same_as<T, Duration> || std::same_as<T, WallTime> || std::same_as<T, Elapsed>)
void from_word(std::uint64_t word, T& time) { time.ns = static_cast<std::int64_t>(word); }

/// A row may stand in its container itself or be pointed to.
template <class T>
T& row(T& r) { return r; }
template <class T>
T& row(T* r) { return *r; }

class ColumnWriter {
 public:
  static constexpr bool reading = false;
  bool failed = false;

  /// How many rows there are.
  template <class Rows>
  void count(Rows& rows) { put(rows.size()); }

  template <class T>
  void number(const T& v) { put(to_word(v)); }

  /// One member of each row, as a column.
  template <class Rows, class Row, class T>
  void column(Rows& rows, T Row::*member) {
    words_.clear();
    for (auto& r : rows) words_.push_back(to_word(row(r).*member));
    put_words();
  }
  /// The rows themselves as a column.
  template <class Rows>
  void values(Rows& rows) {
    words_.clear();
    for (auto& r : rows) words_.push_back(to_word(row(r)));
    put_words();
  }
  template <class Rows, class Row>
  void texts(Rows& rows, std::string Row::*member) {
    for (auto& r : rows) text(row(r).*member);
  }
  /// Texts that are not expected to repeat: without the dictionary.
  template <class Rows, class Row>
  void names(Rows& rows, std::string Row::*member) {
    words_.clear();
    for (auto& r : rows) words_.push_back((row(r).*member).size());
    put_words();
    for (auto& r : rows) out_ += row(r).*member;
  }
  /// Objects that rows share, each once, as documents.
  template <class Rows, class Row, class T, class Encode, class Decode>
  void documents(Rows& rows, std::shared_ptr<const T> Row::*member, Encode&& encode, Decode&&) {
    std::unordered_map<const T*, std::uint64_t> positions;  // looked up, never walked
    std::vector<const T*> all;
    words_.clear();
    for (auto& r : rows) {
      const T* object = (row(r).*member).get();
      const auto [position, made] = positions.try_emplace(object, all.size());
      if (made) all.push_back(object);
      words_.push_back(position->second);
    }
    put_words();
    put(all.size());
    for (const T* object : all) {
      const std::string bytes = encode(*object);
      put(bytes.size());
      out_ += bytes;
    }
  }
  /// The lists of all rows, one after the other: their lengths, and pointers to the elements for further columns.
  template <class Rows, class Row, class List>
  auto lists(Rows& rows, List Row::*member) {
    std::vector<const typename List::value_type*> elements;
    words_.clear();
    for (auto& r : rows) {
      words_.push_back((row(r).*member).size());
      for (auto& element : row(r).*member) elements.push_back(&element);
    }
    put_words();
    return elements;
  }

  std::string take() { return std::move(out_); }

 private:
  void put(std::uint64_t v);
  void put_words();
  void text(const std::string& text);

  std::string out_;
  std::vector<std::uint64_t> words_;
  std::unordered_map<std::string, std::uint64_t> dictionary_;  // looked up, never walked
};

class ColumnReader {
 public:
  static constexpr bool reading = true;
  bool failed = false;

  explicit ColumnReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  template <class Rows>
  void count(Rows& rows) {
    const std::uint64_t n = get();
    if (n > rows_max) fail();
    if (!failed) rows.resize(n);
  }

  template <class T>
  void number(T& v) { from_word(get(), v); }

  template <class Rows, class Row, class T>
  void column(Rows& rows, T Row::*member) {
    get_words(rows.size());
    std::size_t i = 0;
    for (auto& r : rows) from_word(words_[i++], row(r).*member);
  }
  template <class Rows>
  void values(Rows& rows) {
    get_words(rows.size());
    std::size_t i = 0;
    for (auto& r : rows) from_word(words_[i++], row(r));
  }
  template <class Rows, class Row>
  void texts(Rows& rows, std::string Row::*member) {
    for (auto& r : rows) row(r).*member = text();
  }
  template <class Rows, class Row>
  void names(Rows& rows, std::string Row::*member) {
    get_words(rows.size());
    std::size_t i = 0;
    for (auto& r : rows) row(r).*member = take(words_[i++]);
  }
  template <class Rows, class Row, class T, class Encode, class Decode>
  void documents(Rows& rows, std::shared_ptr<const T> Row::*member, Encode&&, Decode&& decode) {
    get_words(rows.size());
    std::vector<std::uint64_t> positions = words_;
    const std::uint64_t n = get();
    std::vector<std::shared_ptr<const T>> all;
    for (std::uint64_t i = 0; i < n && !failed; ++i) {
      const std::string_view bytes = take(get());
      auto object = decode(std::as_bytes(std::span(bytes)));
      if (!object) return fail();
      all.push_back(std::make_shared<const T>(std::move(*object)));
    }
    std::size_t i = 0;
    for (auto& r : rows) {
      if (failed || positions[i] >= all.size()) return fail();
      row(r).*member = all[positions[i++]];
    }
  }
  template <class Rows, class Row, class List>
  auto lists(Rows& rows, List Row::*member) {
    std::vector<typename List::value_type*> elements;
    get_words(rows.size());
    std::uint64_t total = 0;
    for (std::uint64_t size : words_) {
      total += size < rows_max ? size : rows_max;
      if (total >= rows_max) fail();
    }
    if (failed) return elements;
    elements.reserve(total);
    std::size_t i = 0;
    for (auto& r : rows) {
      (row(r).*member).resize(words_[i++]);
      for (auto& element : row(r).*member) elements.push_back(&element);
    }
    return elements;
  }

  bool at_end() const { return at_ == end_; }

 private:
  static constexpr std::uint64_t rows_max = 0xffffffff;
  std::uint64_t get();
  void get_words(std::size_t count);
  std::string_view take(std::uint64_t size);
  std::string text();
  void fail() { failed = true; }

  const char* at_;
  const char* end_;
  std::vector<std::uint64_t> words_;
  std::vector<std::string> dictionary_;
};

}  // namespace orch
