// The read models: a fold over what the reducer did, into versioned rows of a table store (table_port.h).
//
// `fold` is called by the loop's thread after each applied group and only fills memory; `flush` writes all that was
// folded, sorted, with the applied index, in one transaction. So each event counts once, and a rebuild is a replay of
// the log through the reducer into an empty store. A row's key is (object number, index) and holds until the next
// version; a placement has no row of its own: it is a chunk (columns of one plan's group), and a row appears when an
// allocation first changes. Queries (queries.h) read snapshots of the store from any thread and never touch the state.
#pragma once

#include <memory>

#include "core/loop/projection_port.h"
#include "core/reducer/apply.h"
#include "core/reducer/event.h"
#include "core/reducer/state.h"
#include "projections/table_port.h"

namespace orch {

class Views final : public ProjectionPort {
 public:
  /// `store` must outlive this.
  explicit Views(TableStore& store);
  ~Views() override;

  /// Index up to which the store's rows hold.
  LogIndex applied() const;

  /// `group` has just been applied to `state` at `index` with this outcome. Groups at or below `applied()` are skipped
  /// (a restart replays the log from a snapshot that may be older than the views).
  void fold(const State& state, LogIndex index, const wire::Group& group, const Outcome& outcome) override;

  /// One transaction; afterwards new snapshots see it. Cheap when nothing was folded. False when the store had no room:
  /// what was folded is kept.
  bool flush() override;

  /// Forgets what was folded since the last flush.
  void discard() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orch
