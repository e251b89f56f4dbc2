// JSON in lines.
#include "core/model/json_indent.h"

#include <doctest/doctest.h>

namespace orch {
namespace {

TEST_CASE("a member a line, four spaces a level") {
  CHECK(indented_json(R"({"a":1,"b":[true,null],"c":{"d":"x"}})") == R"({
    "a": 1,
    "b": [
        true,
        null
    ],
    "c": {
        "d": "x"
    }
})");
}

TEST_CASE("what is empty stays on its line, and what is indented already comes out the same") {
  CHECK(indented_json(R"({"a":{},"b":[]})") == "{\n    \"a\": {},\n    \"b\": []\n}");
  const std::string once = indented_json(R"({"a":[1,{"b":2}]})");
  CHECK(indented_json(once) == once);
}

TEST_CASE("texts are left alone, whatever they hold") {
  CHECK(indented_json(R"(["{,}:[ ]","\"","\\",""])") ==
        "[\n    \"{,}:[ ]\",\n    \"\\\"\",\n    \"\\\\\",\n    \"\"\n]");
  CHECK(indented_json(R"("a: b")") == R"("a: b")");
}

TEST_CASE("numbers are passed on as they are written") {
  CHECK(indented_json("[1.0,5E-1]") == "[\n    1.0,\n    5E-1\n]");
}

}  // namespace
}  // namespace orch
