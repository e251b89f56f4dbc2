// Strong numbers: what the log creates is numbered densely, in log order, per kind, from 0.
//
// A number is the object's position in the state's columns and what records and views carry; the id that people see is
// derived from it (id_codec.h). Numbers of different kinds do not mix, which the compiler checks.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace orch {

template <class Tag>
struct Number {
  std::uint32_t value = none_value;

  static constexpr std::uint32_t none_value = 0xffffffff;
  static constexpr Number none() { return {}; }
  constexpr bool is_none() const { return value == none_value; }
  constexpr explicit operator bool() const { return !is_none(); }
  constexpr auto operator<=>(const Number&) const = default;
};

using JobNumber = Number<struct JobTag>;
using NodeNumber = Number<struct NodeTag>;
using AllocationNumber = Number<struct AllocationTag>;
using EvaluationNumber = Number<struct EvaluationTag>;
using DeploymentNumber = Number<struct DeploymentTag>;

}  // namespace orch

template <class Tag>
struct std::hash<orch::Number<Tag>> {
  std::size_t operator()(orch::Number<Tag> n) const noexcept { return n.value; }
};
