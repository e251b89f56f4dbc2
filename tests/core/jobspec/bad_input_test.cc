// Each file of tests/golden/jobs/bad, and what a person reads about it.
#include "core/jobspec/canonicalize.h"
#include "core/jobspec/parse.h"
#include "core/jobspec/support.h"
#include "core/jobspec/validate.h"
#include "tests/core/jobspec/golden.h"

using namespace orch;
using namespace orch::test;

namespace {

std::string verdict(const std::string& text, const std::string& name) {
  auto job = parse_job(text, name);
  if (!job) return job.error().job_text() + "\n";
  canonicalize(*job);
  std::string out;
  if (const auto errors = validate(*job); !errors.empty()) out += "not valid: " + error_list(errors) + "\n";
  if (const auto refused = refusals(*job); !refused.empty()) out += "refused: " + error_list(refused) + "\n";
  if (const auto warned = warnings(*job); !warned.empty()) out += "warned: " + warning_list(warned) + "\n";
  return out.empty() ? "good\n" : out;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

TEST_CASE("bad job files are told what is wrong, where, and what would be right") {
  const auto files = golden_files("bad", ".nomad");
  CHECK(files.size() >= 60);
  for (const fs::path& file : files) {
    fs::path expected = file;
    const std::string found = verdict(content(file), file.filename().string());
    CHECK_MESSAGE(found != "good\n", file.string(), " is not bad");
    check_golden(expected.replace_extension(".txt"), found);
  }
}

TEST_CASE("a file of ten megabytes is refused by its size") {
  const std::string big = "job \"a\" {}\n" + std::string(10u << 20, '#');
  CHECK(verdict(big, "big.nomad") == "error parsing: the job file has 10485771 bytes; at most 4194304 are read\n");
}

TEST_CASE("nesting has a bound, in blocks, lists and JSON") {
  for (const char* open : {"a {", "[", "{\"a\":", "a \"b\" {", "a = {"}) {
    std::string text = std::string(open).starts_with("[") ? "a = " : "";
    for (int i = 0; i < 100'000; ++i) text += open;
    const std::string found = first_line(verdict(text, "deep.nomad"));
    INFO("nested: " << std::string(open));
    CHECK(found.find("nested deeper than 64 levels") != std::string::npos);
  }
}

TEST_CASE("a text of one line that never ends costs linear time") {
  // Quadratic work on four megabytes would not end within the test's bound.
  for (const char* piece :
       {"a ", "a=1 ", "\"", "\\", "${", "{}", "a \"b\" ", "<<E ", "-", "1", "job \"a\" {} ", "[", ","}) {
    std::string text;
    while (text.size() + 16 < largest_job_file) text += piece;
    CHECK(verdict(text + "{", "long.nomad") != "good\n");
  }
}

TEST_CASE("NUL and bytes that are no UTF-8 are found where they stand") {
  const auto at = [](const std::string& text) { return first_line(verdict(text, "x.nomad")); };
  CHECK(at(std::string("job \"a") + '\0' + "b\" {}") == "error parsing: At 1:7: a NUL byte is not allowed");
  CHECK(at("# fine: \xc3\xa9\njob \"\xff\" {}") == "error parsing: At 2:6: the text is not UTF-8");
  CHECK(at("job \"\xc0\xaf\" {}") == "error parsing: At 1:6: the text is not UTF-8");          // longer than need be
  CHECK(at("job \"\xed\xa0\x80\" {}") == "error parsing: At 1:6: the text is not UTF-8");      // half of a pair
  CHECK(at("job \"\xf4\x90\x80\x80\" {}") == "error parsing: At 1:6: the text is not UTF-8");  // beyond the last
  CHECK(at("{\"job\": {\"a\\u0000b\": {}}}") == "error parsing: At 1:17: a NUL byte is not allowed");
  CHECK(at("job \"\xe2\x82") == "error parsing: At 1:6: the text is not UTF-8");  // cut off
}
