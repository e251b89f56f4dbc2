// Tells what each record did, one line an event, in the numbers of a scenario: a0 an allocation, e0 an evaluation, d0 a
// deployment. Stands between the loop and the views, which it passes everything on to.
#pragma once

#include <string>
#include <vector>

#include "core/loop/projection_port.h"

namespace orch::scenario {

class Narrator final : public ProjectionPort {
 public:
  /// `views` must outlive this.
  explicit Narrator(ProjectionPort& views) : views_(views) {}

  void fold(const State& state, LogIndex index, const wire::Group& group, const Outcome& outcome) override;
  bool flush() override { return views_.flush(); }
  void discard() override { views_.discard(); }

  /// What was told since the last call.
  std::vector<std::string> take() {
    std::vector<std::string> lines;
    lines.swap(lines_);
    return lines;
  }

 private:
  ProjectionPort& views_;
  std::vector<std::string> lines_;
};

}  // namespace orch::scenario
