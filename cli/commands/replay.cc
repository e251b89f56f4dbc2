// orch replay DATA_DIR: folds a log again and says what comes out, and whether a live agent agrees.
#include <sys/stat.h>

#include <chrono>
#include <cstdio>

#include "cli/api_client.h"
#include "cli/commands/commands.h"
#include "core/reducer/apply.h"
#include "core/log/record.h"
#include "drivers/log/lmdb/lmdb_log.h"

namespace orch::cli {
namespace {

std::string hex(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace

int run_replay(const Words& words) {
  CommandLine app{"Folds the log of a data folder through the reducer and prints the state's hash.", "orch replay"};
  GeneralOptions general;
  general.add_to(app);
  std::string folder;
  std::uint64_t until = 0;
  bool no_live = false;
  app.add_argument("data_dir", folder, "Data folder of an agent, running or not", Need::required, Offer::files);
  app.add_option("until", until, "Stops after this index");
  app.add_flag("no-live", no_live, "Asks no agent for its hash");
  app.add_example("orch replay /var/lib/orch");
  if (auto over = app.parse(words)) return *over;

  struct stat status {};
  const std::string log_folder = stat((folder + "/log/data.mdb").c_str(), &status) == 0 ? folder + "/log" : folder;
  auto log = LmdbLog::open(log_folder, {.read_only = true});
  if (!log) {
    std::fprintf(stderr, "Error opening the log: %s\n", log.error().message.c_str());
    return 1;
  }
  // The live hash first: the log then holds at least that much.
  std::string live_hash;
  if (!no_live && until == 0) {
    ApiClient api(general);
    if (auto live = api.get("/v1/orch/state", seconds(5)); live && text_of(live->json, "LogID") == (*log)->id()) {
      live_hash = text_of(live->json, "Hash");
      until = static_cast<std::uint64_t>(number_of(live->json, "Index"));
    }
  }
  State state((*log)->id());
  Outcome outcome;
  std::uint64_t events = 0, allocation_events = 0, refused = 0;
  const auto begin = std::chrono::steady_clock::now();
  const auto read = (*log)->read(1, [&](LogIndex index, Bytes bytes) {
    if (until != 0 && index > until) return false;
    apply(state, index, group_in(bytes), outcome);
    for (const Event& event : outcome.events) {
      events += event.count;
      const bool of_allocation = event.kind == EventKind::allocations_placed || event.kind == EventKind::allocation_desired ||
                                 event.kind == EventKind::allocation_client;
      if (of_allocation) allocation_events += event.count;
    }
    for (const CommandOutcome& c : outcome.commands) refused += c.refusal.empty() ? 0 : 1;
    return true;
  });
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!read) {
    std::fprintf(stderr, "Error reading the log: %s\n", read.error().message.c_str());
    return 1;
  }
  const double rate = took > 0 ? 1 / took : 0;
  std::printf("Log              = %s\nGroups           = %llu\nEvents           = %llu\nRefused commands = %llu\n"
              "Time             = %.3f s\nRate             = %.0f groups/s, %.0f events/s, %.0f allocation events/s\nState hash       = %s\n",
              (*log)->id().c_str(), static_cast<unsigned long long>(state.index()), static_cast<unsigned long long>(events),
              static_cast<unsigned long long>(refused), took, static_cast<double>(state.index()) * rate,
              static_cast<double>(events) * rate, static_cast<double>(allocation_events) * rate, hex(state.hash()).c_str());
  if (live_hash.empty()) return 0;
  const bool equal = live_hash == hex(state.hash());
  std::printf("Live state       = %s at index %llu: %s\n", live_hash.c_str(), static_cast<unsigned long long>(until),
              equal ? "equal" : "DIFFERENT");
  return equal ? 0 : 2;
}

}  // namespace orch::cli
