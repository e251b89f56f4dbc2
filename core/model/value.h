// A free-form value: what a job file may say where orch fixes no fields of its own (a driver's `config`).
//
// A value is a tree of null, bool, integer, number, text, list and map. Maps keep their keys sorted, so two values that
// mean the same are equal and have one encoding. Depth is bounded by who builds it (the job language: 64).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace orch {

class Value {
 public:
  using List = std::vector<Value>;
  using Map = std::map<std::string, Value>;
  using Storage = std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Map>;

  Value() = default;
  Value(bool v) : storage_(v) {}
  Value(std::int64_t v) : storage_(v) {}
  Value(int v) : storage_(static_cast<std::int64_t>(v)) {}
  Value(double v) : storage_(v) {}
  Value(std::string v) : storage_(std::move(v)) {}
  Value(const char* v) : storage_(std::string(v)) {}
  Value(List v) : storage_(std::move(v)) {}
  Value(Map v) : storage_(std::move(v)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(storage_); }
  const bool* as_bool() const { return std::get_if<bool>(&storage_); }
  const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&storage_); }
  const double* as_double() const { return std::get_if<double>(&storage_); }
  const std::string* as_string() const { return std::get_if<std::string>(&storage_); }
  const List* as_list() const { return std::get_if<List>(&storage_); }
  List* as_list() { return std::get_if<List>(&storage_); }
  const Map* as_map() const { return std::get_if<Map>(&storage_); }
  Map* as_map() { return std::get_if<Map>(&storage_); }

  /// The member of a map, or nullptr when this is no map or has no such key.
  const Value* find(const std::string& key) const {
    const Map* map = as_map();
    if (map == nullptr) return nullptr;
    auto it = map->find(key);
    return it == map->end() ? nullptr : &it->second;
  }

  const Storage& storage() const { return storage_; }
  bool operator==(const Value&) const = default;

 private:
  Storage storage_;
};

}  // namespace orch
