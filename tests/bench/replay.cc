// How fast `orch replay` folds the log of a million allocations that were placed and reported running.
#include <cstdlib>

#include "tests/bench/placing.h"

namespace orch::bench {
namespace {

std::string value_of(const std::string& text, const std::string& name) {
  const std::size_t at = text.find(name);
  if (at == std::string::npos) return {};
  const std::size_t begin = text.find('=', at) + 2;
  return text.substr(begin, text.find('\n', begin) - begin);
}

void run(Setting& setting) {
  ChildProcess replay({setting.orch, "replay", "-no-live", million(setting).measured.data_dir},
                      setting.folder + "/replay.log");
  std::string text;
  while (auto line = replay.line(300)) text += *line + "\n";
  const std::string rate = value_of(text, "Rate");
  const std::size_t at = rate.find("events/s, ");
  setting.figures.add({"replay.allocation_events", at == std::string::npos ? 0 : std::atof(rate.c_str() + at + 10),
                       "/s", at_least(5'000'000),
                       value_of(text, "Time") + " for " + value_of(text, "Groups") + " groups, " +
                           value_of(text, "Events") + " events"});
}

const Bench bench{"replay", run};

}  // namespace
}  // namespace orch::bench
