#include "core/runner/action.h"

#include <utility>

#include "core/base/duration_text.h"

namespace orch {
namespace {

const char* name_of(ActionKind kind) {
  switch (kind) {
    case ActionKind::persist:
      return "persist";
    case ActionKind::start_driver:
      return "start_driver";
    case ActionKind::recover_driver:
      return "recover_driver";
    case ActionKind::stop_driver:
      return "stop_driver";
    case ActionKind::signal_driver:
      return "signal_driver";
    case ActionKind::destroy:
      return "destroy";
    case ActionKind::set_services:
      return "set_services";
    case ActionKind::remove_services:
      return "remove_services";
    case ActionKind::set_timer:
      return "set_timer";
    case ActionKind::report:
      return "report";
  }
  return "unknown action";
}

}  // namespace

void append_actions(Actions& to, Actions from) {
  for (Action& a : from) to.push_back(std::move(a));
}

std::string describe(const Action& action) {
  std::string text = action.task.empty() ? name_of(action.kind) : action.task + ": " + name_of(action.kind);
  if (!action.handle.empty()) text += " " + action.handle;
  if (!action.signal.empty()) text += " " + action.signal;
  if (action.kind == ActionKind::stop_driver) text += " " + duration_text(action.timeout);
  if (action.kind == ActionKind::set_timer) text += " " + duration_text(Duration{action.deadline.ns});
  return text;
}

}  // namespace orch
