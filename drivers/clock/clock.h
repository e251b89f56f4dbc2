// The machine's clocks. core is handed what they say; who decides nothing by time asks them here. Any thread.
//
// Deadlines of waits (std::condition_variable, poll) are std::chrono::steady_clock's own.
#pragma once

#include <time.h>

#include <cstdint>

#include "core/base/time.h"

namespace orch {

inline std::int64_t read_clock_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);  // fails for no clock that is asked for below
  return now.tv_sec * 1'000'000'000ll + now.tv_nsec;
}

/// Of this process, never backwards, standing while the machine sleeps; only differences mean something.
inline std::int64_t monotonic_ns() { return read_clock_ns(CLOCK_MONOTONIC); }

/// Nanoseconds since the machine was started, its sleep included; survives a restart of the agent.
inline std::int64_t since_boot_ns() { return read_clock_ns(CLOCK_BOOTTIME); }

/// What people call the time; may be set, backwards too.
inline WallTime wall_now() { return {read_clock_ns(CLOCK_REALTIME)}; }

}  // namespace orch
