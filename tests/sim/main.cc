// orch_sim --seeds A..B [--minutes N] [--verbose]: simulated clusters, one per seed. The last line is
// `seeds A..B: N passed, N failed, fingerprint HEX`; equal fingerprints mean equal runs, on any machine and compiler.
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <set>
#include <string>

#include "core/base/assert.h"
#include "core/base/hash.h"
#include "tests/sim/properties.h"
#include "tests/sim/world.h"

namespace orch::sim {
namespace {

// Of one seed and a simulated hour and a half: many times what a busy cluster comes to.
constexpr std::uint64_t steps_at_most = 500'000;
constexpr LogIndex records_at_most = 200'000;

// The one that runs, for a failed assertion's report.
std::uint64_t current_seed = 0;

void report_assertion(const char* expression, const char* meaning, const char* file, int line) {
  std::printf("seed %llu: an assertion failed: %s (%s), %s:%d\n", static_cast<unsigned long long>(current_seed),
              meaning, expression, file, line);
  std::fflush(stdout);
}

struct Result {
  std::uint64_t fingerprint = 0;
  std::string failure;  // empty: passed
};

Result run(std::uint64_t seed, std::int64_t of_minutes, bool verbose) {
  current_seed = seed;
  World world(seed);
  Properties properties(world);
  Result result;
  std::uint64_t steps = 0;
  std::string deed;
  auto judge = [&](const std::vector<Broken>& found) {
    if (found.empty() || !result.failure.empty()) return;
    result.failure = std::string(found[0].property) + ": " + found[0].how + "; step " + std::to_string(steps) + ", " +
                     std::to_string(world.agenda().now().ns / 1'000'000) + " ms, index " +
                     std::to_string(world.state().index()) + ", after: " + world.last_deed();
  };
  auto until = [&](Elapsed end) {
    while (result.failure.empty() && world.step(end)) {
      ++steps;
      if (verbose && world.last_deed() != deed) {
        deed = world.last_deed();
        std::printf("%8lld ms  index %-5llu %s\n", static_cast<long long>(world.agenda().now().ns / 1'000'000),
                    static_cast<unsigned long long>(world.state().index()), deed.c_str());
      }
      judge(properties.after_step());
      if (steps == steps_at_most || world.state().index() > records_at_most) {
        judge({{"a_seed_comes_to_an_end", std::to_string(steps) + " steps"}});
      }
      if (steps % 1500 == 0) judge(properties.now_and_then());
    }
  };
  until({minutes(of_minutes).ns});
  world.calm_down();
  until({minutes(of_minutes + 60).ns});
  // Tasks that fail for ever are started anew for ever: a moment may fall into such a restart, a dozen can't.
  std::vector<Broken> unrest = properties.at_rest();
  for (int moment = 1; !unrest.empty() && moment < 12; ++moment) {
    until({minutes(of_minutes + 60).ns + seconds(7).ns * moment});
    unrest = properties.at_rest();
  }
  judge(unrest);
  if (verbose)
    std::printf("%llu steps, %llu records, %zu allocations, %zu evaluations, %zu deployments\n",
                static_cast<unsigned long long>(steps), static_cast<unsigned long long>(world.state().index()),
                world.state().allocations().size(), world.state().evaluations().size(),
                world.state().deployments().size());
  result.fingerprint = world.state().hash() * 1099511628211u + world.state().index() * 31 + steps;
  return result;
}

int main(int count, char** words) {
  set_assert_reporter(report_assertion);
  std::uint64_t first = 1, last = 100;
  std::int64_t of_minutes = 20;
  bool verbose = false;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--verbose") {
      verbose = true;
    } else if (word == "--seeds" && i + 1 < count) {
      const std::string range = words[++i];
      const std::size_t dots = range.find("..");
      first = std::strtoull(range.c_str(), nullptr, 10);
      last = dots == std::string::npos ? first : std::strtoull(range.c_str() + dots + 2, nullptr, 10);
    } else if (word == "--minutes" && i + 1 < count) {
      of_minutes = std::strtoll(words[++i], nullptr, 10);
    } else {
      std::fprintf(stderr, "usage: %s [--seeds A..B] [--minutes N] [--verbose]\n", words[0]);
      return 2;
    }
  }
  std::uint64_t passed = 0, failed = 0, fingerprint = 14695981039346656037u;
  const bool terminal = isatty(1) != 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    Result result = run(seed, of_minutes, verbose);
    if (result.failure.empty() && seed % 10 == 0 && run(seed, of_minutes, false).fingerprint != result.fingerprint) {
      result.failure = "two_runs_of_a_seed_agree";
    }
    fingerprint = (fingerprint ^ result.fingerprint) * 1099511628211u;
    (result.failure.empty() ? passed : failed) += 1;
    if (!result.failure.empty()) {
      std::printf("seed %llu: %s\n    again: tools/sim --seeds %llu..%llu --verbose\n",
                  static_cast<unsigned long long>(seed), result.failure.c_str(), static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(seed));
      std::fflush(stdout);
    }
    if (terminal) {
      std::printf("\r%llu of %llu ", static_cast<unsigned long long>(seed - first + 1),
                  static_cast<unsigned long long>(last - first + 1));
      std::fflush(stdout);
    }
  }
  if (terminal) std::printf("\r");
  std::printf("cases: %llu passed, %llu failed, 0 skipped\n", static_cast<unsigned long long>(passed),
              static_cast<unsigned long long>(failed));
  std::printf("seeds %llu..%llu: %llu passed, %llu failed, fingerprint %016llx\n",
              static_cast<unsigned long long>(first), static_cast<unsigned long long>(last),
              static_cast<unsigned long long>(passed), static_cast<unsigned long long>(failed),
              static_cast<unsigned long long>(fingerprint));
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace orch::sim

int main(int count, char** words) { return orch::sim::main(count, words); }
