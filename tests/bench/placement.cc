// Placing over HTTP: 1,000 nodes and one job of 10,000; 5,000 nodes and a million allocations, and what the server's
// memory grows to.
#include <cstdio>

#include "tests/bench/placing.h"

namespace orch::bench {
namespace {

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f s", seconds);
  return text;
}

void one_job(Setting& setting) {
  const Shape shape = setting.quick ? Shape{"placement", 100, 4000, 8192, 1, 1000, 20, 10, false}
                                    : Shape{"placement", 1000, 4000, 8192, 1, 10'000, 20, 10, false};
  std::vector<double> rates, running;
  for (int i = 0; i < (setting.quick ? 1 : 5); ++i) {
    const Measured m = place(setting, shape, "-" + std::to_string(i));
    rates.push_back(shape.count / m.placed_s);
    running.push_back(m.running_s);
  }
  const std::string how = std::to_string(shape.nodes) + " nodes of three classes, one job x " +
                          std::to_string(shape.count) + " bound to one, median of " + std::to_string(rates.size());
  setting.figures.add({"placement.rate", median(rates), "/s", at_least(200'000, "Nomad 0.8.7: 2,757"), how});
  setting.figures.add({"placement.until_running", median(running), "s", {}, "more until all are reported running"});
}

void many_jobs(Setting& setting) {
  const auto& [shape, m] = million(setting);
  const double total = static_cast<double>(shape.jobs) * shape.count;
  const std::string how =
      std::to_string(shape.nodes) + " nodes, " + std::to_string(shape.jobs) + " jobs x " + std::to_string(shape.count);
  setting.figures.add({"c1m.placed", m.placed_s, "s", at_most(3, "for a million"),
                       how + "; server's user time " + seconds_text(m.user_placing)});
  setting.figures.add({"c1m.placed_rate", total / m.placed_s, "/s", {}, ""});
  setting.figures.add(
      {"c1m.until_running", m.running_s, "s", at_most(10, "more"),
       "server's user time " + seconds_text(m.user_running) + ", the nodes' " + seconds_text(m.sim_user) + " in all"});
  setting.figures.add({"c1m.memory_placed", m.anon_placed, "MiB", {}, "RssAnon when all is placed"});
  setting.figures.add(
      {"c1m.memory", m.anon_peak, "MiB", at_most(1024), "RssAnon, the greatest seen until all was running"});
}

const Bench first{"placement", one_job};
const Bench second{"placement", many_jobs};

}  // namespace
}  // namespace orch::bench
