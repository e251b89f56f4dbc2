// What the loop tells the read models: every applied group, and when to make them visible.
#pragma once

#include "core/reducer/apply.h"

namespace orch {

class ProjectionPort {
 public:
  virtual ~ProjectionPort() = default;

  /// The group at `index` has just been applied. Called for every index in order; those that the rows already hold are
  /// skipped by the receiver.
  virtual void fold(const State& state, LogIndex index, const wire::Group& group, const Outcome& outcome) = 0;

  /// All that was folded becomes visible to new readers, in one transaction. False when there was no room for it: it is
  /// kept, and the next flush tries again. True when nothing new was folded.
  virtual bool flush() = 0;

  /// Forgets what was folded since the last flush: the log did not take it.
  virtual void discard() = 0;
};

}  // namespace orch
