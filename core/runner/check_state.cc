#include "core/runner/check_state.h"

#include <utility>

#include "core/base/assert.h"

namespace orch {
namespace {

constexpr Duration grace_default = seconds(1);

CheckStatus initial_status(const std::string& word) {
  if (word == "passing") return CheckStatus::passing;
  if (word == "warning") return CheckStatus::warning;
  if (word == "critical") return CheckStatus::critical;
  return CheckStatus::pending;
}

}  // namespace

CheckState::CheckState(const ServiceCheck& check, std::string service_name, Elapsed running_since)
    : running_since_(running_since), status_(initial_status(check.initial_status)) {
  update(check, std::move(service_name));
}

void CheckState::update(const ServiceCheck& check, std::string service_name) {
  service_name_ = std::move(service_name);
  check_name_ = check.name;
  limit_ = check.check_restart ? check.check_restart->limit : 0;
  grace_ = check.check_restart ? check.check_restart->grace.value_or(grace_default) : Duration{};
  ignore_warnings_ = check.check_restart && check.check_restart->ignore_warnings;
}

bool CheckState::observe(Elapsed now, CheckStatus status, std::string output) {
  status_ = status;
  output_ = std::move(output);
  const bool failed = status == CheckStatus::critical || (status == CheckStatus::warning && !ignore_warnings_);
  if (!failed) {
    failures_ = 0;
    return false;
  }
  // Shown as it is, but not held against the task: it may still be starting up.
  if (now < running_since_ + grace_) return false;
  ++failures_;
  ORCH_ASSERT(failures_ > 0, "a failure was counted");
  if (limit_ <= 0 || failures_ < limit_) return false;
  failures_ = 0;  // the restart begins a count of its own
  return true;
}

}  // namespace orch
