// The same work without HTTP, in one process and thread: what the programs put_parts and placement_loop say of their
// parts.
#include <cmath>
#include <cstdio>

#include "tests/bench/bench.h"

namespace orch::bench {
namespace {

void put(Setting& setting) {
  ChildProcess program({setting.put_parts, "--jobs", setting.quick ? "128" : "12800"},
                       setting.folder + "/put_parts.log");
  double all = 0;
  std::string parts;
  while (auto line = program.line(120)) {
    // "JSON text to a document          1234 ns"
    double ns = 0;
    if (!line->ends_with(" ns") || std::sscanf(line->c_str() + 28, "%lf", &ns) != 1) continue;
    all += ns;
    parts += (parts.empty() ? "" : ", ") + line->substr(0, line->find("  ")) + " " + std::to_string(std::lround(ns));
  }
  if (program.wait() != 0 || all == 0) give_up("put_parts failed; see " + setting.folder + "/put_parts.log");
  setting.figures.add({"put_job.in_process", all / 1000, "us", {}, "ns each: " + parts});
}

// One run, of which each group shows its part.
struct Loop {
  struct Phase {
    double rate = 0, all = 0, decide = 0, append = 0, fold = 0, flush = 0;
  };
  Phase placed, reported, replayed;
};

const Loop& loop(Setting& setting) {
  static const Loop done = [&] {
    std::vector<std::string> words{setting.placement_loop};
    if (setting.quick) words.insert(words.end(), {"--nodes", "200", "--jobs", "20", "--count", "100"});
    ChildProcess program(words, setting.folder + "/placement_loop.log");
    Loop found;
    bool equal = false;
    while (auto line = program.line(300)) {
      char name[16];
      double seconds;
      Loop::Phase phase;
      equal |= line->starts_with("hash ") && line->ends_with(" equal");
      if (std::sscanf(line->c_str(),
                      "%15s %lf s %lf/s ns of CPU each: %lf all %lf decide+apply %lf append %lf fold %lf flush", name,
                      &seconds, &phase.rate, &phase.all, &phase.decide, &phase.append, &phase.fold, &phase.flush) != 8)
        continue;
      const std::string what = name;
      if (what == "placed") found.placed = phase;
      if (what == "reported") found.reported = phase;
      if (what == "replayed") found.replayed = phase;
    }
    if (program.wait() != 0 || !equal)
      give_up("placement_loop: a second fold of its log does not end in the same state");
    return found;
  }();
  return done;
}

std::string parts_of(const Loop::Phase& phase) {
  char text[160];
  std::snprintf(text, sizeof text, "ns of CPU each: %.0f decide and apply, %.0f append, %.0f fold, %.0f flush",
                phase.decide, phase.append, phase.fold, phase.flush);
  return text;
}

void placing(Setting& setting) {
  const auto& [placed, reported, replayed] = loop(setting);
  setting.figures.add({"placement.in_process", placed.all, "ns", {}, parts_of(placed)});
  setting.figures.add(
      {"placement.reports", reported.all, "ns", {}, "the same for what nodes report; " + parts_of(reported)});
}

void replay(Setting& setting) {
  setting.figures.add({"replay.in_process", loop(setting).replayed.rate, "/s", at_least(5'000'000),
                       "allocation events, no process around it"});
}

const Bench first{"http", put};
const Bench second{"placement", placing};
const Bench third{"replay", replay};

}  // namespace
}  // namespace orch::bench
