// Virtual time: what is to happen, in order of its instant and, at one instant, of its being planned.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "core/base/time.h"

namespace orch::sim {

class Agenda {
 public:
  Elapsed now() const { return now_; }

  void after(Duration delay, std::function<void()> act) {
    entries_.emplace(std::pair(now_.ns + delay.ns, next_++), std::move(act));
  }

  /// Moves to the next instant and does what is due there; false when nothing is due until `end`.
  bool step(Elapsed end) {
    if (entries_.empty() || entries_.begin()->first.first > end.ns) return false;
    auto entry = entries_.extract(entries_.begin());
    if (entry.key().first > now_.ns) now_.ns = entry.key().first;
    entry.mapped()();
    return true;
  }

 private:
  Elapsed now_;
  std::uint64_t next_ = 0;
  std::map<std::pair<std::int64_t, std::uint64_t>, std::function<void()>> entries_;
};

}  // namespace orch::sim
