#include "core/loop/loop.h"

#include <algorithm>
#include <unordered_set>

#include "core/base/assert.h"
#include "core/base/guard.h"
#include "core/loop/merge_reports.h"
#include "core/reducer/fold.h"

namespace orch {
namespace {

constexpr char views_full[] = "the views have no room: free space on the data disk and retry";
constexpr LogIndex recovery_flush_every = 4096;  // bounds what the read models hold in memory

// Completions are others' code: what one throws is no business of the turn.
void answer(const Completion& done, const std::expected<Answered, LogError>& with) {
  if (done) guarded("an answer", [&] { done(with); });
}

}  // namespace

Loop::Loop(Log& log, ProjectionPort& projection, std::string cluster_id, Options options)
    : log_(log),
      projection_(projection),
      cluster_id_(std::move(cluster_id)),
      options_(std::move(options)),
      state_(std::make_unique<State>(cluster_id_)) {}

void Loop::become(LoopMode mode) {
  ORCH_ASSERT(may_become(mode_, mode), "the loop changes its mode only as mode.h says");
  mode_ = mode;
}

std::expected<void, LogError> Loop::recover(const std::function<void(LogIndex)>& progress) {
  ORCH_ASSERT(waiting_.empty() && batch_.empty(), "between turns nobody waits and nothing is unwritten");
  become(remembers_refusal(mode_) ? LoopMode::lost : LoopMode::unrecovered);
  projection_.discard();
  scheduler_ = Scheduler();  // what it knows is of the state that is gone
  state_ = options_.kept_state ? options_.kept_state() : nullptr;
  if (!state_) state_ = std::make_unique<State>(cluster_id_);
  bool room = true;
  const auto read = fold(log_, *state_, 0, [&](LogIndex index, const wire::Group& group, const Outcome& outcome) {
    projection_.fold(*state_, index, group, outcome);
    if (index % recovery_flush_every == 0) {
      room = projection_.flush();
      if (progress) progress(index);
    }
    return room;
  });
  if (!read) return read;
  if (!room || !projection_.flush()) return std::unexpected(LogError{LogError::Kind::full, views_full});
  // This process may have counted on from an instant that the log never heard of.
  elapsed_ = std::max(elapsed_, state_->elapsed());
  become(mode_ == LoopMode::lost ? LoopMode::careful : LoopMode::running);
  return {};
}

void Loop::abandon(std::vector<Submission>& submissions, const std::string& why) {
  become(remembers_refusal(mode_) ? LoopMode::lost : LoopMode::unrecovered);
  const LogError unknown{LogError::Kind::outcome_unknown, "the turn ended early: " + why};
  for (Waiting& w : waiting_) answer(w.done, std::unexpected(unknown));
  // What was handed over may have been applied, and the log may have it.
  for (Submission& s : submissions) answer(s.done, std::unexpected(unknown));
  waiting_.clear();
  batch_.clear();
  submissions.clear();
}

void Loop::advance_time(const TurnTime& time) {
  wall_ = time.wall;
  if (last_monotonic_ns_ >= 0) {
    const std::int64_t step = std::clamp<std::int64_t>(time.monotonic_ns - last_monotonic_ns_, 0, longest_step.ns);
    elapsed_ = elapsed_ + Duration{step};
  }
  ORCH_ASSERT(elapsed_ >= state_->elapsed(), "elapsed time never goes back");
  last_monotonic_ns_ = time.monotonic_ns;
}

Duration Loop::until_deadline() const {
  const Elapsed next = state_->next_deadline();
  if (next == Elapsed::never()) return hours(24);
  return next - elapsed_;
}

void Loop::append_and_apply(std::string group) {
  stamp(group, wall_, elapsed_, newest_rules);
  batch_.push_back(std::move(group));
  apply_newest();
}

// Applies the group that was put into the batch last.
void Loop::apply_newest() {
  const wire::Group& parsed = group_in(bytes_of(batch_.back()));
  const LogIndex index = state_->index() + 1;
  ORCH_ASSERT(parsed.stamp()->elapsed_ns() == elapsed_.ns, "a group is stamped before it is applied");
  apply(*state_, index, parsed, outcome_);
  projection_.fold(*state_, index, parsed, outcome_);
}

void Loop::take(std::string group, Completion done) {
  append_and_apply(std::move(group));
  wait_for_answer(std::move(done));
}

// Whoever brought the group that was applied last: a repeat is answered as the first was, its index included.
void Loop::wait_for_answer(Completion done) {
  if (!done) return;
  CommandOutcome first = outcome_.commands.empty() ? CommandOutcome{} : outcome_.commands[0];
  waiting_.push_back({first.repeated ? first.first_index : state_->index(), std::move(done), std::move(first)});
}

void Loop::take_reports(std::span<Submission> reports) {
  ORCH_ASSERT(!reports.empty(), "there is a report to take, however large it is");
  if (reports.size() == 1) return take(std::move(reports[0].group), std::move(reports[0].done));
  std::vector<const std::string*> groups;
  for (const Submission& report : reports) groups.push_back(&report.group);
  append_and_apply(merge_reports(groups));
  ORCH_ASSERT(outcome_.commands.size() == reports.size(), "each report has an outcome of its own");
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (reports[i].done) waiting_.push_back({state_->index(), std::move(reports[i].done), outcome_.commands[i]});
  }
}

void Loop::take_all(std::vector<Submission>& submissions) {
  for (std::size_t i = 0; i < submissions.size();) {
    if (!submissions[i].report) {
      take(std::move(submissions[i].group), std::move(submissions[i].done));
      ++i;
      continue;
    }
    std::size_t end = i, allocations = 0, bytes = 0;
    std::unordered_set<std::uint32_t> nodes;  // looked up, never walked: what a node says next is a later index
    while (end < submissions.size() && submissions[end].report && allocations < options_.reports_per_group &&
           bytes < options_.report_bytes_per_group) {
      const wire::UpdateAllocations& report = report_in(group_in(bytes_of(submissions[end].group)));
      if (!nodes.insert(report.node()).second) break;
      allocations += report.allocations() != nullptr ? report.allocations()->size() : 0;
      bytes += submissions[end].group.size();
      ++end;
    }
    take_reports(std::span(submissions).subspan(i, end - i));
    i = end;
  }
  submissions.clear();
}

// The plan of the evaluation whose turn it is, as groups.
std::vector<std::string> Loop::next_plan() {
  ORCH_ASSERT(!state_->pending().empty(), "somebody waits for a plan");
  const EvaluationNumber evaluation = state_->pending().begin()->evaluation;
  // What must happen all at once is one group, however large.
  const bool whole = state_->job(state_->evaluation(evaluation).job).job().all_at_once;
  const std::vector<Plan> chunks =
      chunks_of(scheduler_.schedule(*state_, evaluation), whole ? ~std::size_t{0} : options_.placements_per_group);
  ORCH_ASSERT(!chunks.empty() && (!whole || chunks.size() == 1), "what is decided together is one group, or chunks");
  std::vector<std::string> groups;
  for (const Plan& chunk : chunks) {
    GroupBuilder group;
    group.add(encode(group.flat(), chunk, &chunk == &chunks.back()));
    groups.push_back(group.finish({.actor = options_.server_name}));
  }
  return groups;
}

std::string Loop::tick() const {
  GroupBuilder group;
  group.tick(options_.server_name);
  return group.finish({.actor = options_.server_name});
}

// At least one evaluation a turn, however long it takes: else a cluster whose plans are slow would never get one. After
// that those who have arrived meanwhile come first.
void Loop::plan(const TurnTime& time) {
  const std::int64_t start = time.monotonic_ns;
  for (std::size_t plans = 0; plans < options_.plans_per_turn && !state_->pending().empty(); ++plans) {
    for (std::string& group : next_plan()) take(std::move(group), {});
    if (time.monotonic_now && time.monotonic_now() - start > std::min(options_.planning_budget, time.planning_most).ns)
      return;
  }
}

std::expected<LogIndex, LogError> Loop::append_batch() {
  std::vector<Bytes> groups;
  groups.reserve(batch_.size());
  for (const std::string& group : batch_) groups.push_back(bytes_of(group));
  return log_.append(groups);
}

void Loop::show() {
  // A careful loop shows as it goes, and a state that is no use has nothing to show.
  if (mode_ != LoopMode::running && mode_ != LoopMode::behind) return;
  become(projection_.flush() ? LoopMode::running : LoopMode::behind);
}

// What the batch holds is in the log.
void Loop::answer_all(bool show_first) {
  const bool shown = !show_first || projection_.flush();
  become(shown ? LoopMode::running : LoopMode::behind);
  for (Waiting& w : waiting_) {
    ORCH_ASSERT(w.index <= state_->index(), "an answer names a group that has been applied");
    if (shown) {
      answer(w.done, Answered{w.index, std::move(w.outcome)});
    } else {
      // Such an answer promises that it is visible too. Its repeat, once there is room, gets what is held back here.
      answer(w.done, std::unexpected(LogError{LogError::Kind::outcome_unknown,
                                              "it is in the log, but " + std::string(views_full)}));
    }
  }
  waiting_.clear();
  batch_.clear();
}

// One group of a careful turn; false when the log did not take it.
bool Loop::append_then_apply(std::string group, Completion done) {
  stamp(group, wall_, elapsed_, newest_rules);
  batch_.assign(1, std::move(group));
  const auto first = append_batch();
  if (!first) {
    if (first.error().kind == LogError::Kind::outcome_unknown)
      become(mode_ == LoopMode::careful ? LoopMode::lost : LoopMode::unrecovered);
    batch_.clear();
    answer(done, std::unexpected(first.error()));
    return false;
  }
  ORCH_ASSERT(*first == state_->index() + 1, "the log and the state count alike");
  apply_newest();
  wait_for_answer(std::move(done));
  answer_all(true);
  return true;
}

// Nothing touches the state before the log has taken it. Groups go in one by one, so that one that is too large for
// what room there is does not keep out the rest.
bool Loop::careful_turn(std::vector<Submission>& submissions) {
  bool more = false;
  const auto may_go_on = [this] { return mode_ == LoopMode::careful || mode_ == LoopMode::running; };
  for (Submission& s : submissions) {
    if (!may_go_on()) {
      answer(s.done, std::unexpected(LogError{LogError::Kind::unavailable, "the log could not be written; retry"}));
      continue;
    }
    more = append_then_apply(std::move(s.group), std::move(s.done)) || more;
  }
  submissions.clear();
  if (!may_go_on()) return false;
  // Once the log takes groups again, the next turn plans as usual.
  if (mode_ == LoopMode::careful && !state_->pending().empty()) {
    for (std::string& group : next_plan()) {
      if (!append_then_apply(std::move(group), {})) break;
      more = true;
    }
  }
  if (mode_ == LoopMode::careful && until_deadline().ns <= 0) more = append_then_apply(tick(), {}) || more;
  return more;
}

bool Loop::turn(std::vector<Submission>& submissions, const TurnTime& time) {
  ORCH_ASSERT(!needs_recovery(), "a loop whose append failed is rebuilt before its next turn");
  ORCH_ASSERT(waiting_.empty() && batch_.empty(), "between turns nobody waits and nothing is unwritten");
  advance_time(time);
  if (mode_ == LoopMode::behind && !projection_.flush()) {
    for (Submission& s : submissions) {
      answer(s.done, std::unexpected(LogError{LogError::Kind::full, views_full}));
    }
    submissions.clear();
    return false;
  }
  if (mode_ == LoopMode::careful) return careful_turn(submissions);
  become(LoopMode::running);

  take_all(submissions);
  plan(time);
  if (until_deadline().ns <= 0) take(tick(), {});
  if (batch_.empty()) return false;

  const auto first = append_batch();
  if (!first) {
    become(LoopMode::lost);
    for (Waiting& w : waiting_) answer(w.done, std::unexpected(first.error()));
    waiting_.clear();
    batch_.clear();
    return false;
  }
  ORCH_ASSERT(*first + batch_.size() - 1 == state_->index(), "the log and the state count alike");
  answer_all(time.show);
  return mode_ == LoopMode::running && !state_->pending().empty();
}

}  // namespace orch
