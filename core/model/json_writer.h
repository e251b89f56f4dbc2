// Writes JSON text that cannot come out wrong: commas and quotes are its business, and what is opened is closed.
//
//   JsonWriter json(out);
//   json.object().member("ID", id).member("Count", 3);
//   json.key("Tags").array().value("a").value("b").end();
//   json.end();
//
// Misuse is a bug and asserted where it happens: a value without its key in an object, a key in an array, an `end` too
// many, a second value behind a whole one, a writer that goes away with something open.
//
// The text goes to the end of the caller's string, so that answers grow in one piece of memory, and pieces can be
// written by several functions. While a value is being written the string is the writer's alone; with the last `end` it
// is as long as the text again. Texts may hold any bytes; those that are no UTF-8 are passed on as they are. Keys that
// are literals are checked when they are compiled to need no escapes.
//
// It is as fast as text put together by hand: room is asked for once a member, not once a character.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "core/base/assert.h"

namespace orch {

/// A name that needs no escapes, which the compiler sees to.
class JsonKey {
 public:
  template <std::size_t N>
  consteval JsonKey(const char (&literal)[N]) : name_(literal, N - 1) {
    for (const char c : name_) {
      if (c < 0x20 || c == '"' || c == '\\' || c > 0x7e) throw "a literal key needs no escapes";
    }
  }
  constexpr std::string_view name() const { return name_; }

 private:
  std::string_view name_;
};

class JsonWriter {
 public:
  /// Writes one value at the end of `out`, which must outlive this.
  explicit JsonWriter(std::string& out) : out_(out), at_(out.data() + out.size()), end_(at_) {}
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;
  ~JsonWriter() { ORCH_ASSERT(depth_ == 0 && !is_keyed_, "what a JSON text opened is closed"); }

  JsonWriter& object() { return open('{', '}'); }
  JsonWriter& array() { return open('[', ']'); }
  /// Closes the object or array that was opened last.
  JsonWriter& end() {
    ORCH_ASSERT(depth_ != 0, "a JSON text closes only what it opened");
    ORCH_ASSERT(!is_keyed_, "a key of a JSON object has its value");
    make_room(1);
    *at_++ = closers_[--depth_];
    is_first_ = false;
    end_value();
    return *this;
  }

  JsonWriter& key(JsonKey key) {
    const std::string_view name = key.name();
    begin_key(name.size() + 4);
    *at_++ = '"';
    std::memcpy(at_, name.data(), name.size());
    at_ += name.size();
    *at_++ = '"';
    *at_++ = ':';
    return *this;
  }
  /// A key that comes from outside.
  JsonWriter& key_of(std::string_view name) {
    begin_key(1);
    put_quoted(name);
    make_room(1);
    *at_++ = ':';
    return *this;
  }

  JsonWriter& value(std::string_view text) {
    begin_value(1);
    put_quoted(text);
    end_value();
    return *this;
  }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  template <class T>
  requires(std::integral<T> || std::floating_point<T>) JsonWriter& value(T number) {
    constexpr std::size_t longest = 40;
    begin_value(longest);
    if constexpr (std::same_as<T, bool>) {
      const std::string_view word = number ? "true" : "false";
      std::memcpy(at_, word.data(), word.size());
      at_ += word.size();
    } else {
      if constexpr (std::floating_point<T>) {
        ORCH_ASSERT(number - number == 0, "JSON has no infinity, and no number that is none");
      }
      at_ = std::to_chars(at_, end_, number).ptr;
    }
    end_value();
    return *this;
  }
  JsonWriter& null() { return raw("null"); }
  /// JSON that was written before, one whole value: taken as it is.
  JsonWriter& raw(std::string_view json) {
    ORCH_ASSERT(!json.empty(), "a value that was written before is there");
    begin_value(json.size() + 1);
    put(json);
    end_value();
    return *this;
  }
  /// Members that were written before, without braces and with commas between them; there may be none.
  JsonWriter& raw_members(std::string_view members) {
    ORCH_ASSERT(is_in('}') && !is_keyed_, "members stand in a JSON object");
    if (members.empty()) return *this;
    make_room(members.size() + 1);
    separate();
    put(members);
    return *this;
  }
  /// A value that `append` writes at the end of the text that it is given.
  template <class Append>
  requires std::invocable<Append, std::string&> JsonWriter& written_by(Append append) {
    begin_value(1);
    let_go();
    append(out_);
    at_ = end_ = out_.data() + out_.size();
    return *this;
  }

  template <class T>
  JsonWriter& member(JsonKey name, const T& v) {
    return key(name).value(v);
  }
  JsonWriter& null_member(JsonKey name) { return key(name).null(); }

 private:
  static constexpr std::size_t depth_max = 32;

  JsonWriter& open(char opener, char closer) {
    ORCH_ASSERT(depth_ < depth_max, "JSON that orch writes is not so deep");
    begin_value(2);
    closers_[depth_++] = closer;
    *at_++ = opener;
    is_first_ = true;
    return *this;
  }
  bool is_in(char closer) const { return depth_ != 0 && closers_[depth_ - 1] == closer; }

  // Each of these leaves room for `size` characters, the comma before them included.
  void begin_key(std::size_t size) {
    ORCH_ASSERT(is_in('}') && !is_keyed_, "keys stand in a JSON object, one a value");
    make_room(size);
    separate();
    is_keyed_ = true;
  }
  void begin_value(std::size_t size) {
    make_room(size);
    if (is_keyed_) {
      is_keyed_ = false;
      return;
    }
    ORCH_ASSERT(depth_ != 0 ? is_in(']') : is_first_, "a JSON text is one value, and those of an object have keys");
    separate();
  }
  void separate() {
    if (!is_first_) *at_++ = ',';
    is_first_ = false;
  }
  void end_value() {
    if (depth_ == 0) let_go();
  }

  void put(std::string_view bytes) {
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  void put_quoted(std::string_view text) {
    if (needs_escapes(text)) return put_escaped(text);
    make_room(text.size() + 2);
    *at_++ = '"';
    put(text);
    *at_++ = '"';
  }
  static bool needs_escapes(std::string_view text);
  void put_escaped(std::string_view text);

  void make_room(std::size_t size) {
    if (static_cast<std::size_t>(end_ - at_) < size) grow(size);
  }
  void grow(std::size_t size);
  void let_go();  ///< the string is as long as its text

  std::string& out_;
  char *at_, *end_;                      // where the text goes on, and the end of the room that the string has for it
  std::array<char, depth_max> closers_;  // of what is open
  std::uint8_t depth_ = 0;
  bool is_first_ = true;   // nothing stands before the next value on its level
  bool is_keyed_ = false;  // a key waits for its value
};

}  // namespace orch
