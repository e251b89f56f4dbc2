#include "tests/sim/servers.h"

#include "core/base/assert.h"
#include "core/reducer/snapshot.h"

namespace orch::sim {
namespace {
constexpr std::int64_t wall_at_start = 1'700'000'000'000'000'000;
constexpr std::uint64_t turns_between_snapshots = 30;
constexpr int turns_at_most = 50;  // of one step: a handful of jobs is decided in two or three
}  // namespace

Servers::Servers(Agenda& agenda, std::size_t placements_per_group)
    : agenda_(agenda),
      placements_per_group_(placements_per_group),
      log_(std::make_unique<MemoryLog>("sim")),
      store_(std::make_unique<MemoryTableStore>()) {
  start();
}

void Servers::start() {
  views_ = std::make_unique<Views>(*store_);
  auto kept_state = [this]() -> std::unique_ptr<State> {
    if (snapshot_.empty()) return nullptr;
    auto state = read_snapshot(snapshot_);
    ORCH_ASSERT(state.has_value(), "a snapshot reads back");
    return (*state)->index() <= views_->applied() ? std::move(*state) : nullptr;
  };
  loop_ = std::make_unique<Loop>(*log_, *views_, log_->id(),
                                 Loop::Options{.server_name = "sim",
                                               .plans_per_turn = 64,
                                               .placements_per_group = placements_per_group_,
                                               .kept_state = kept_state});
  ORCH_ASSERT(loop_->recover().has_value(), "a log in memory can be read");
}

void Servers::submit(std::string group, Completion done) {
  submissions_.push_back({.group = std::move(group), .done = std::move(done)});
}

void Servers::submit_report(std::string group, Completion done) {
  submissions_.push_back({.group = std::move(group), .done = std::move(done), .report = true});
}

bool Servers::settle() {
  bool more = true;
  for (int round = 0; more || !submissions_.empty(); ++round) {
    if (round == turns_at_most) return false;
    std::vector<Submission> taken;
    taken.swap(submissions_);
    ++turns_;
    more = loop_->turn(
        taken, {.wall = {wall_at_start + agenda_.now().ns}, .monotonic_ns = agenda_.now().ns, .monotonic_now = {}});
    if (loop_->needs_recovery()) {
      ORCH_ASSERT(loop_->recover().has_value(), "a log in memory can be read");
      more = true;
    }
  }
  if (turns_ - snapshot_turn_ >= turns_between_snapshots) {
    snapshot_ = write_snapshot(state());
    snapshot_turn_ = turns_;
  }
  return true;
}

void Servers::crash(bool lose_views) {
  submissions_.clear();
  if (lose_views) store_ = std::make_unique<MemoryTableStore>();
  loop_.reset();
  start();
}

}  // namespace orch::sim
