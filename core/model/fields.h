// Field tables: each model struct lists its fields once, and everything that walks fields is derived from that list
// (JSON in and out, the job language, the record codec, the plan's diff). A new job field is one member and one line.
//
// A struct S has
//     template <class Self, class Visitor> static void fields(Self& self, Visitor&& visit);
// which calls, in the order that Nomad's JSON sorts its names,
//     visit("JsonName", "hcl_name", self.member);
// An empty hcl_name means that the job language cannot set the field directly. Members are one of: bool, std::int32_t,
// std::int64_t, double, std::string, Duration, Value, another such struct, and std::optional, std::vector or
// std::map<std::string, …> of these. Absent and default are the same thing unless the member is an optional.
#pragma once

#include <concepts>

namespace orch {

namespace detail {
struct AnyVisitor {
  template <class T>
  void operator()(const char*, const char*, T&) const {}
};
}  // namespace detail

template <class T>
concept HasFields = requires(T& t) { T::fields(t, detail::AnyVisitor{}); };

/// Shorthand for the body of a `fields` function.
#define ORCH_FIELD(json_name, hcl_name, member) visit(json_name, hcl_name, self.member)

}  // namespace orch
