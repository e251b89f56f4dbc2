// Field tables: each model struct lists its fields once, and everything that walks fields is derived from that list
// (JSON in and out, the job language, the tables in the log and their schemas, the plan's diff). A new job field is one
// member and one line.
//
// A struct S has
//     template <class Self, class Visitor> static void fields(Self& self, Visitor&& visit);
// which says, in the order that Nomad's JSON sorts its names,
//     ORCH_FIELD(number, "JsonName", "hcl_name", member);
// The number is the field's for ever: that of its slot in the log's tables (schemas/*.fbs, written from here). A
// struct's first field has 1, a later one the next number, wherever its line stands; no number is used a second time.
// Structs that never reach the log have 0 for all. The member's name is the field's name in the schema. An empty
// hcl_name means that the job language cannot set the field directly. Members are one of: bool, std::int32_t,
// std::int64_t, double, std::string, Duration, WallTime, an enum of a byte, Value, another such struct, and
// std::optional, std::vector or std::map<std::string, …> of these. Absent and default are the same thing unless the
// member is an optional.
//
// A visitor is called with (json_name, hcl_name, self.member). One that has to look at the same member of two objects,
// or needs the number, is wrapped in ByMember and called with (Field<number>, &S::member); see `for_each_field`.
#pragma once

#include <concepts>
#include <type_traits>

namespace orch {

template <unsigned number_>
struct Field {
  static constexpr unsigned number = number_;
  const char* json;
  const char* hcl;
  const char* name;  ///< of the member
};

template <class F>
struct ByMember {
  F& visit;
};

namespace detail {

struct AnyVisitor {
  template <class T>
  void operator()(const char*, const char*, T&) const {}
};

template <class T>
constexpr bool is_by_member = false;
template <class F>
constexpr bool is_by_member<ByMember<F>> = true;

template <class Visitor, unsigned number, class Self, class Member>
void visit_field(Visitor& visit, Self& self, Field<number> field, Member member) {
  if constexpr (is_by_member<std::remove_const_t<Visitor>>) {
    visit.visit(field, member);
  } else {
    visit(field.json, field.hcl, self.*member);
  }
}

}  // namespace detail

template <class T>
concept HasFields = requires(T& t) { T::fields(t, detail::AnyVisitor{}); };

/// A T as nobody has touched it: what each field is when nothing is said.
template <HasFields T>
const T& preset() {
  static const T object{};
  return object;
}

/// `visit(Field<number>, &T::member)` for each field of T.
template <HasFields T, class F>
void for_each_field(F&& visit) {
  T::fields(preset<T>(), ByMember<std::remove_reference_t<F>>{visit});
}

/// One line of a `fields` function.
#define ORCH_FIELD(number, json_name, hcl_name, member)                                         \
  ::orch::detail::visit_field(visit, self, ::orch::Field<number>{json_name, hcl_name, #member}, \
                              &std::remove_const_t<Self>::member)

}  // namespace orch
