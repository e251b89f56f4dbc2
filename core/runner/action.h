// What the state machines of this folder ask of whoever drives them: the node client with its threads, or the
// simulator.
//
// The driver of a runner carries the actions of one task out in their order, one after the other; actions of different
// tasks may run side by side. Those that can take long are answered by an input of the same name (below). A crash may
// come between any two actions: what was persisted and `AllocRunner::resume` make up for it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/time.h"

namespace orch {

enum class ActionKind : std::uint8_t {
  persist,       ///< store the allocation's snapshot before carrying out what follows
  start_driver,  ///< build the task's folders, TaskDriver::start → driver_started, driver_start_failed, setup_failed
  recover_driver,  ///< TaskDriver::recover(handle) → recovered, recover_failed
  stop_driver,    ///< TaskDriver::stop(handle, signal, timeout) → kill_finished; `exited` may come before it or after
  signal_driver,  ///< TaskDriver::signal(handle, signal); a failure is told by driver_message
  destroy,        ///< TaskDriver::destroy(handle) of an ended task; not answered
  set_services,   ///< the task runs: enter its services in the catalogue and run their checks (replaces earlier ones)
  remove_services,  ///< take the task's services out, end their checks
  set_timer,        ///< call timer_due(task) at `deadline`; replaces the earlier timer of the same task
  report,           ///< status, task states or health changed: the servers should hear of it
};

struct Action {
  ActionKind kind = ActionKind::persist;
  std::string task;    ///< empty: the allocation as a whole
  std::string handle;  ///< of the driver
  std::string signal;  ///< empty: the driver's usual one
  Duration timeout;
  Elapsed deadline;
  bool operator==(const Action&) const = default;
};

using Actions = std::vector<Action>;

void append_actions(Actions& to, Actions from);

/// One line for logs and transcripts: `redis: stop_driver h1 SIGTERM 5s`.
std::string describe(const Action& action);

}  // namespace orch
