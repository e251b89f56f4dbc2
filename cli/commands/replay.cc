// orch replay DATA_DIR: folds a log again and says what comes out, and whether it equals what an agent made of it.
//
// Reads only, and works beside a running agent. What to compare with is, in this order: the agent that holds the
// folder, asked at the address that it has left there (or the one that is given), and the snapshots that agents have
// written.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/format/shown.h"
#include "core/base/format.h"
#include "core/base/hex.h"
#include "core/reducer/fold.h"
#include "drivers/log/lmdb/lmdb_log.h"
#include "drivers/snapshots/snapshot_folder.h"

namespace orch::cli {
namespace {

constexpr int equal = 0, different = 2;  // 1: the log cannot be read

/// Some state's hash at an index, and whose it is. `found` is the fold's own at that index, empty if it did not come
/// by.
struct Known {
  std::string whose;
  LogIndex index;
  std::string hash, found;
};

struct Live {
  Known state;
  std::string log_id, address;
};

bool is_held(const std::string& log_folder) {
  const int lock = ::open((log_folder + "/lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (lock < 0) return false;
  const bool held = ::flock(lock, LOCK_SH | LOCK_NB) != 0;
  ::close(lock);
  return held;
}

// What the agent that holds the folder says of its state.
std::expected<Live, std::string> ask_agent(const std::string& data_folder, GeneralOptions general) {
  if (general.address == GeneralOptions::default_address) {  // nobody gave one
    std::ifstream left(data_folder + "/agent.address");
    std::string address;
    if (std::getline(left, address) && !address.empty()) general.address = address;
  }
  ApiClient api(general);
  const auto live = api.get("/v1/orch/state", seconds(10));
  if (!live) return std::unexpected("the agent that holds the folder does not answer: " + live.error().message);
  return Live{{"Live state", static_cast<LogIndex>(number_of(live->json, "Index")), text_of(live->json, "Hash"), {}},
              text_of(live->json, "LogID"),
              api.address()};
}

/// A line that is drawn over, on a terminal only.
class ProgressBar {
 public:
  explicit ProgressBar(LogIndex whole) : whole_(whole), shown_(isatty(STDERR_FILENO) != 0 && whole > 0) {}
  ~ProgressBar() {
    if (drawn_) std::fputs("\r\033[K", stderr);
  }

  void at(LogIndex index) {
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = true;
    constexpr int width = 40;
    const int done = static_cast<int>(index * width / whole_);
    const std::string bar(static_cast<std::size_t>(done), '=');
    const std::string text =
        fmt::format("\r[{:<{}}] {:3} %  {} of {} groups", bar, width, index * 100 / whole_, index, whole_);
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
  }

 private:
  LogIndex whole_;
  bool shown_, drawn_ = false;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

struct Counts {
  std::uint64_t events = 0, allocation_events = 0, refused = 0;

  void add(const Outcome& outcome) {
    for (const Event& event : outcome.events) {
      events += event.count;
      const bool of_allocation = event.kind == EventKind::allocations_placed ||
                                 event.kind == EventKind::allocation_desired ||
                                 event.kind == EventKind::allocation_client;
      if (of_allocation) allocation_events += event.count;
    }
    for (const CommandOutcome& c : outcome.commands) refused += c.refusal.empty() ? 0 : 1;
  }
};

std::string rate_of(std::uint64_t count, double seconds) {
  return std::to_string(static_cast<std::uint64_t>(static_cast<double>(count) / seconds));
}

int run(const Words& words) {
  CommandLine app{
      "Folds the log of a data folder through the reducer and prints the state's hash, and whether a running agent, or "
      "the\n"
      "snapshots that agents have left, say the same. Reads only; an agent may run on the folder meanwhile.\n\n"
      "Exit codes: 0 equal, or nothing to compare with at one index; 1 the log cannot be read; 2 different.",
      "orch replay"};
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
  const bool held = is_held(log_folder);
  // The agent first, the log after: a log only grows, so what is opened now holds at least what the agent's state
  // stands at.
  std::optional<std::expected<Live, std::string>> live;
  if (!no_live && held) live = ask_agent(folder, general);
  auto log = LmdbLog::open(log_folder, {.read_only = true});
  if (!log) return complain("Error opening the log: " + log.error().message);
  if (live && *live && (*live)->log_id != (*log)->id())
    *live = std::unexpected("the agent at " + (*live)->address + " is of another log");

  std::vector<Known> known;
  LogIndex end = (*log)->head();
  if (until != 0) {
    end = std::min<LogIndex>(until, end);
  } else if (live && *live) {
    end = std::min((*live)->state.index, end);
  }
  if (live && *live) known.push_back((*live)->state);
  for (const SnapshotFolder::Found& s : SnapshotFolder(folder + "/snapshots").list((*log)->id())) {
    if (s.header.index <= end) known.push_back({"Snapshot", s.header.index, hex(s.header.hash), {}});
  }

  State state((*log)->id());
  Counts counts;
  const auto begin = std::chrono::steady_clock::now();
  std::expected<void, LogError> folded;
  {
    ProgressBar bar(end);
    folded = fold(**log, state, end, [&](LogIndex index, const wire::Group&, const Outcome& outcome) {
      counts.add(outcome);
      for (Known& k : known) {
        if (k.index == index) k.found = hex(state.hash());
      }
      if (index % 256 == 0) bar.at(index);
      return true;
    });
  }
  const double took = std::max(1e-9, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  if (!folded) return complain("Error reading the log: " + folded.error().message);

  std::vector<std::pair<std::string, std::string>> facts{
      {"Log", (*log)->id()},
      {"Groups", std::to_string(state.index())},
      {"Events", std::to_string(counts.events)},
      {"Refused commands", std::to_string(counts.refused)},
      {"Time", fmt::format("{:.3f} s", took)},
      {"Rate", fmt::format("{} groups/s, {} events/s, {} allocation events/s", rate_of(state.index(), took),
                           rate_of(counts.events, took), rate_of(counts.allocation_events, took))},
      {"State hash", hex(state.hash())}};
  bool all_equal = true;
  for (const Known& k : known) {
    const bool same = k.found.empty() || k.hash == k.found;
    all_equal = all_equal && same;
    const std::string verdict = k.found.empty() ? fmt::format("not compared, the fold ends at index {}", state.index())
                                : same          ? "equal"
                                                : "DIFFERENT";
    facts.emplace_back(k.whose, fmt::format("{} at index {}: {}", k.hash, k.index, verdict));
  }
  if (live && !*live) facts.emplace_back("Live state", "unknown: " + live->error());
  if (!live && known.empty()) {
    const std::string why = held ? "the agent that runs here was not asked" : "no agent runs here";
    facts.emplace_back("Live state", "none to compare with: " + why + ", and none has left a snapshot");
  }
  for (const auto& [name, value] : facts) print_line(fmt::format("{:<16} = {}", name, value));
  return all_equal ? equal : different;
}

}  // namespace

Command replay_command() { return {"replay", "Folds a log again and says what comes out", run}; }

}  // namespace orch::cli
