// Damaged job files: whatever the bytes are, the parser answers with a job or a diagnostic inside the file.
#include <cstdint>

#include "core/jobspec/canonicalize.h"
#include "core/jobspec/parse.h"
#include "core/jobspec/support.h"
#include "core/jobspec/validate.h"
#include "core/model/tables.h"
#include "tests/core/jobspec/golden.h"

using namespace orch;
using namespace orch::test;

namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t n) {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return static_cast<std::size_t>((z ^ (z >> 31)) % n);
  }

 private:
  std::uint64_t state_;
};

std::string damaged(std::string text, Dice& dice) {
  static const std::vector<std::string> pieces = {"{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  "\"",
                                                  "=",
                                                  ",",
                                                  ":",
                                                  "\\",
                                                  "${",
                                                  "<<E\n",
                                                  "/*",
                                                  "#",
                                                  "\n",
                                                  "-",
                                                  "1e999",
                                                  "99999999999999999999",
                                                  "-1",
                                                  "job \"x\" {",
                                                  "null",
                                                  "\\u0000",
                                                  "\xff",
                                                  "\xc3\xa9",
                                                  "task",
                                                  "group",
                                                  "\\ud800",
                                                  "true",
                                                  ".",
                                                  "0x1f",
                                                  "%{",
                                                  "\r\n",
                                                  "\t",
                                                  "count = ",
                                                  "port \"a\" {}"};
  for (std::size_t edits = 1 + dice.below(4); edits > 0 && !text.empty(); --edits) {
    const std::size_t at = dice.below(text.size());
    switch (dice.below(5)) {
      case 0: text.erase(at, 1 + dice.below(8)); break;
      case 1: text.insert(at, pieces[dice.below(pieces.size())]); break;
      case 2: text[at] = static_cast<char>(dice.below(256)); break;
      case 3: text.insert(at, text.substr(dice.below(text.size()), dice.below(60))); break;
      default: text.resize(at);
    }
  }
  return text;
}

void survive(const std::string& text) {
  auto job = parse_job(text, "x");
  if (!job) {
    REQUIRE(!job.error().list.empty());
    REQUIRE(!job.error().job_text().empty());
    const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
    for (const Diagnostic& d : job.error().list) REQUIRE(d.at.line <= lines);
    return;
  }
  // A job that was read also passes through everything that comes next, and twice the same way.
  canonicalize(*job);
  Job again = *job;
  canonicalize(again);
  REQUIRE(again == *job);
  const auto errors = validate(*job);
  const auto refused = refusals(*job), warned = warnings(*job);
  const std::string bytes = encode_job(*job);
  const auto back = decode_job(std::as_bytes(std::span(bytes)));
  REQUIRE(back);
  REQUIRE(*back == *job);
}

}  // namespace

TEST_CASE("no damage to a job file crashes the parser or what follows it") {
  std::vector<std::string> seeds;
  for (const fs::path& file : golden_files("same", ".nomad")) seeds.push_back(content(file));
  for (const fs::path& file : golden_files("same", ".json")) seeds.push_back(content(file));
  REQUIRE(seeds.size() >= 8);
  Dice dice(20261124);
  for (int round = 0; round < 4000; ++round) survive(damaged(seeds[dice.below(seeds.size())], dice));
}

TEST_CASE("every beginning of a job file is a job or a diagnostic") {
  for (const fs::path& file : golden_files("same", "hcl1.nomad")) {
    const std::string text = content(file);
    for (std::size_t length = 0; length < text.size(); length += 7) survive(text.substr(0, length));
  }
}
