// Each field of a struct with field tables, one at a time: a T that says one thing only, for every thing that it can
// say. Fields of structs within it count as well, and an optional has two: set to what it holds untouched, and to
// something else.
#pragma once

#include <functional>
#include <string>

#include "core/base/time.h"
#include "core/model/fields.h"
#include "core/model/table_writer.h"
#include "core/model/value.h"

namespace orch {

template <HasFields T>
class EveryField {
 public:
  using Visit = std::function<void(const T&, const std::string& path)>;

  void visit(const Visit& visit) {
    visit_ = &visit;
    fields(object_, "");
  }

 private:
  void tell(const std::string& path) { (*visit_)(object_, path); }

  template <HasFields S>
  void fields(S& object, const std::string& path) {
    for_each_field<S>([&](const auto& field, auto member) {
      const auto before = object.*member;
      each(object.*member, path + "." + field.name);
      object.*member = before;
    });
  }
  template <HasFields S>
  void each(S& object, const std::string& path) {
    fields(object, path);
  }
  void each(bool& v, const std::string& path) { set(v, !v, path); }
  template <class N>
  requires(detail::is_scalar<N> && !std::is_same_v<N, bool>) void each(N& v, const std::string& path) {
    if constexpr (std::is_enum_v<N>) {
      set(v, static_cast<N>(1), path);
    } else if constexpr (std::is_arithmetic_v<N>) {
      for (const N other : {static_cast<N>(v + 1), static_cast<N>(-1), std::numeric_limits<N>::max()})
        set(v, other, path);
      if (v != N{}) set(v, N{}, path);
    } else {
      set(v, N{v.ns + 1}, path);
      if (v.ns != 0) set(v, N{0}, path);
    }
  }
  void each(std::string& v, const std::string& path) {
    set(v, v + "x", path);
    if (!v.empty()) set(v, std::string(), path);
  }
  template <class S>
  void each(std::optional<S>& v, const std::string& path) {
    v.emplace();
    tell(path + " (set, untouched)");
    each(*v, path);
  }
  template <class S>
  void each(std::vector<S>& v, const std::string& path) {
    v = {S(), S()};
    tell(path + " (two untouched)");
    v.resize(1);
    each(v[0], path + "[0]");
  }
  template <class S>
  void each(std::map<std::string, S>& v, const std::string& path) {
    v = {{"", S()}, {"b", S()}};
    tell(path + " (two untouched)");
    each(v["b"], path + "[b]");
  }
  void each(Value& v, const std::string& path) {
    for (const Value& other :
         {Value(false), Value(0), Value(0.0), Value(""), Value(Value::List{}), Value(Value::Map{})})
      set(v, other, path);
  }
  template <class S>
  void set(S& v, S other, const std::string& path) {
    std::swap(v, other);
    tell(path);
    std::swap(v, other);
  }

  const Visit* visit_ = nullptr;
  T object_{};
};

}  // namespace orch
