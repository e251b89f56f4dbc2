// scenario_tests [--update] FILE…: plays transcripts and compares what happens with what they say. One line a
// difference; the last line counts. --update writes what happened into the files instead.
#include <cstdio>
#include <exception>
#include <fstream>
#include <sstream>

#include "core/base/assert.h"
#include "tests/scenario/stage.h"

namespace orch::scenario {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> play(Stage& stage, const Step& step) {
  try {
    return stage.act(step);
  } catch (const std::exception& e) {
    return {std::string("  the command can't be understood: ") + e.what()};
  }
}

bool passes(const std::string& path, bool update) {
  std::vector<Step> steps = read_transcript(read_file(path));
  if (steps.empty()) {
    std::printf("%s: no such transcript\n", path.c_str());
    return false;
  }
  Stage stage;
  bool same = true;
  for (Step& step : steps) {
    if (step.command.empty()) continue;
    std::vector<std::string> got = play(stage, step);
    if (got != step.answers && !update) {
      same = false;
      std::printf("%s\n> %s\n", path.c_str(), step.command.c_str());
      for (const std::string& line : step.answers) std::printf("- %s\n", line.c_str());
      for (const std::string& line : got) std::printf("+ %s\n", line.c_str());
    }
    step.answers = std::move(got);
  }
  if (update) std::ofstream(path, std::ios::binary) << write_transcript(steps);
  return same;
}

void report_assertion(const char* expression, const char* meaning, const char* file, int line) {
  std::printf("an assertion failed: %s (%s), %s:%d\n", meaning, expression, file, line);
  std::fflush(stdout);
}

int main(int count, char** words) {
  set_assert_reporter(report_assertion);
  int passed = 0, failed = 0;
  bool update = false;
  for (int i = 1; i < count; ++i) {
    if (std::string(words[i]) == "--update") {
      update = true;
    } else {
      (passes(words[i], update) ? passed : failed) += 1;
    }
  }
  std::printf("cases: %d passed, %d failed, 0 skipped\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace
}  // namespace orch::scenario

int main(int count, char** words) { return orch::scenario::main(count, words); }
