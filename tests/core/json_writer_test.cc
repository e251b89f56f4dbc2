// The writer of JSON: what it writes is JSON, and misuse ends the process with a sentence.
#include "core/model/json_writer.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

namespace orch::test {
namespace {

std::string written(const std::function<void(JsonWriter&)>& write) {
  std::string out;
  {
    JsonWriter json(out);
    write(json);
  }
  return out;
}

/// Whether writing so is caught as a bug.
bool aborts(const std::function<void(JsonWriter&)>& write) {
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGABRT, SIG_DFL);
    set_assert_reporter([](const char*, const char*, const char*, int) {});
    written(write);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

}  // namespace

TEST_CASE("commas stand between members and elements, on every level") {
  CHECK(written([](JsonWriter& j) { j.object().end(); }) == "{}");
  CHECK(written([](JsonWriter& j) { j.array().end(); }) == "[]");
  CHECK(written([](JsonWriter& j) {
          j.object().member("a", 1).key("b").array().value(1).object().end().array().end().null().end();
          j.member("c", "x").key("d").object().member("e", true).end().null_member("f").end();
        }) == R"({"a":1,"b":[1,{},[],null],"c":"x","d":{"e":true},"f":null})");
}

TEST_CASE("a value alone is a text too") {
  CHECK(written([](JsonWriter& j) { j.value("x"); }) == R"("x")");
  CHECK(written([](JsonWriter& j) { j.value(-7); }) == "-7");
  CHECK(written([](JsonWriter& j) { j.null(); }) == "null");
}

TEST_CASE("texts and keys from outside are escaped") {
  CHECK(written([](JsonWriter& j) { j.object().key_of("a\"b\n").value("c\\\t\x01").end(); }) ==
        R"({"a\"b\n":"c\\\t\u0001"})");
}

TEST_CASE("numbers keep their width and sign") {
  CHECK(written([](JsonWriter& j) {
          j.array().value(std::numeric_limits<std::int64_t>::min()).value(std::numeric_limits<std::uint64_t>::max());
          j.value(std::uint8_t{200}).value(0.5).end();
        }) == "[-9223372036854775808,18446744073709551615,200,0.5]");
}

TEST_CASE("what was written before is put in whole, with its commas") {
  CHECK(written([](JsonWriter& j) {
          j.object().raw_members("").raw_members(R"("a":1,"b":2)").member("c", 3).key("d").raw("[4]").end();
        }) == R"({"a":1,"b":2,"c":3,"d":[4]})");
  CHECK(written([](JsonWriter& j) { j.array().written_by([](std::string& out) { out += "1"; }).value(2).end(); }) ==
        "[1,2]");
}

TEST_CASE("it goes on behind what its string holds") {
  std::string out = "x=";
  { JsonWriter(out).array().end(); }
  CHECK(out == "x=[]");
}

TEST_CASE("misuse is a bug, caught where it happens") {
  CHECK(!aborts([](JsonWriter& j) { j.object().member("a", 1).end(); }));
  CHECK(aborts([](JsonWriter& j) { j.object(); }));                 // never closed
  CHECK(aborts([](JsonWriter& j) { j.object().end().end(); }));     // closed twice
  CHECK(aborts([](JsonWriter& j) { j.object().key("a").end(); }));  // a key without its value
  CHECK(aborts([](JsonWriter& j) { j.object().key("a").key("b").value(1).end(); }));
  CHECK(aborts([](JsonWriter& j) { j.object().value(1).end(); }));          // a value without its key
  CHECK(aborts([](JsonWriter& j) { j.array().key("a").value(1).end(); }));  // a key in an array
  CHECK(aborts([](JsonWriter& j) { j.array().raw_members("\"a\":1").end(); }));
  CHECK(aborts([](JsonWriter& j) { j.value(1).value(2); }));      // two values
  CHECK(aborts([](JsonWriter& j) { j.array().raw("").end(); }));  // nothing for a value
  CHECK(aborts([](JsonWriter& j) { j.value(std::nan("")); }));    // no number of JSON
}

}  // namespace orch::test
