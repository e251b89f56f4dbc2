// One file of the agent's configuration, read block by block on the syntax tree of the job language (HCL and JSON).
//
// A block is asked for each key that it may hold, in any order; at its end every key that nobody asked for is an error
// with the nearest of those that were. Keys that Nomad has and orch doesn't act on are asked for too, by `noted` (a
// warning that names them), `needless` (nothing there to be done) or `refused` (ignoring them would be dangerous).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/jobspec/value_reader.h"

namespace orch::config {

class File : public syntax::ValueReader {
 public:
  using syntax::ValueReader::ValueReader;
  Diagnostics take_warnings() { return std::move(warnings_); }

 private:
  friend class Block;
  void warn(Position at, std::string message, std::string hint = {});
  Diagnostics warnings_;
};

class Block {
 public:
  /// `name`: for messages; empty at the top of a file.
  Block(File& file, std::string name, const syntax::Object& items);
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block();  ///< finds the keys that nobody asked for

  /// Reads the key into `v` when it is there.
  template <class T>
  bool read(const char* key, T& v) {
    const syntax::Item* item = find(key);
    if (item == nullptr) return false;
    file_.value(*item, v);
    return true;
  }
  bool port(const char* key, std::uint16_t& v);

  /// An object within this one, of which there is one; HCL or JSON, block or attribute.
  void block(const char* key, const std::function<void(Block&)>& use);
  /// Objects with a name each: `plugin "docker" { … }`.
  void named_blocks(const char* key, const std::function<void(const std::string& name, Block&)>& use);
  /// Takes every key of this block without asking what it is.
  void all(const std::function<void(const std::string& key, const std::string& value)>& use);

  struct Finding {
    std::string wrong, warning;  ///< empty: nothing
  };
  using Leaf = std::function<Finding(const std::vector<std::string>& path, Value value)>;
  /// Every value within, however deep, with the keys that lead to it.
  void each_leaf(const Leaf& use);

  void noted(std::initializer_list<const char*> keys, const char* why = "is not acted on yet");
  void needless(std::initializer_list<const char*> keys);
  /// An error when the key's value says more than nothing: true, a number above `most`, a text or a list that isn't
  /// empty.
  void refused(const char* key, const std::string& why, const std::string& hint = {}, std::int64_t most = 0);
  /// An error at the key when it is there.
  void wrong(const char* key, const std::string& message, const std::string& hint = {});
  void warn(const char* key, const std::string& message, const std::string& hint = {});

 private:
  const syntax::Item* find(const char* key);
  void unknown(const syntax::Item& item, const std::vector<std::string>& known);
  void leaves(const syntax::Object& items, std::vector<std::string>& path, const Leaf& use);
  std::string named(const std::string& key) const { return name_.empty() ? key : name_ + " -> " + key; }

  File& file_;
  const std::string name_;
  const syntax::Object& items_;
  std::set<std::string> asked_;
};

}  // namespace orch::config
