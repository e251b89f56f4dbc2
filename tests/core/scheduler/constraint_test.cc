#include "core/scheduler/constraint.h"

#include <doctest/doctest.h>

#include <string>

using namespace orch;

TEST_CASE("versions compare number by number, and what is left out is zero") {
  CHECK(version_satisfies("1.2.3", ">= 1.2, < 2"));
  CHECK(version_satisfies("v1.10", "> 1.9"));
  CHECK(version_satisfies("1.2", "= 1.2.0.0.0"));
  CHECK(!version_satisfies("1.2.0.0.1", "= 1.2"));
  CHECK(version_satisfies("1.2.3-beta", "< 1.2.3"));
  CHECK(version_satisfies("1.2.3+build", "= 1.2.3"));
  CHECK(!version_satisfies("1.2.3", "!= 1.2.3"));
}

TEST_CASE("the last number of a pessimistic requirement may grow, and no other") {
  CHECK(version_satisfies("1.9.0", "~> 1.2"));
  CHECK(!version_satisfies("2.0.0", "~> 1.2"));
  CHECK(version_satisfies("1.2.9", "~> 1.2.3"));
  CHECK(!version_satisfies("1.3.0", "~> 1.2.3"));
  CHECK(version_satisfies("1.2.3", "~> 1.2.3.0.0"));  // more numbers than the version has
  CHECK(!version_satisfies("1.2.3", "~> 1.2.3.0.1"));
}

TEST_CASE("what is no version satisfies nothing, and no requirement is satisfied by anything") {
  for (const char* text : {"", "x", "1.x", "1..2", "99999999999999999999"}) {
    CAPTURE(std::string(text));
    CHECK(!version_satisfies(text, ">= 0"));
    CHECK(!version_satisfies("1.0", text));
  }
  CHECK(!version_satisfies("1.0", ">= 0,"));
  CHECK(!version_satisfies("1.0", "=> 1"));
}

TEST_CASE("a pattern that can't be read meets nothing, and an absent property only what asks for absence") {
  Node node;
  node.attributes["kernel.name"] = "linux";
  const auto says = [&](const std::string& target, const std::string& operand, const std::string& wanted) {
    return meets({.l_target = target, .r_target = wanted, .operand = operand}, node);
  };
  CHECK(says("${attr.kernel.name}", "regexp", "^li"));
  CHECK(!says("${attr.kernel.name}", "regexp", "("));
  CHECK(!says("${attr.none}", "=", "linux"));
  CHECK(says("${attr.none}", "!=", "linux"));
  CHECK(says("${attr.none}", "is_not_set", ""));
  CHECK(says("linux,windows", "set_contains_any", "windows, plan9"));
  CHECK(!says("linux,windows", "set_contains", "windows, plan9"));
  CHECK(!says("linux", "no such operand", "linux"));
}
