// What is known of one service check, and when its failures mean that the task must start again (check_restart).
//
// The node agent runs the checks and tells each result; nothing here runs anything. A check is forgotten when its task
// stops running and begins anew with the next start, and so does its grace period.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/model/job.h"

namespace orch {

enum class CheckStatus : std::uint8_t { pending, passing, warning, critical };

constexpr std::string_view text(CheckStatus status) {
  switch (status) {
    case CheckStatus::pending:
      return "pending";
    case CheckStatus::passing:
      return "passing";
    case CheckStatus::warning:
      return "warning";
    case CheckStatus::critical:
      return "critical";
  }
  return "";
}

/// A check by its position: `service` counts in services_of(group, task), `check` in that service.
struct CheckRef {
  std::string task;
  std::size_t service = 0, check = 0;
  auto operator<=>(const CheckRef&) const = default;
};

class CheckState {
 public:
  /// `running_since`: the start that the grace period counts from.
  CheckState(const ServiceCheck& check, std::string service_name, Elapsed running_since);

  /// One result. True when the failures have reached the limit: the task has to be restarted.
  bool observe(Elapsed now, CheckStatus status, std::string output);

  /// A new version of the job: other limits, the same history.
  void update(const ServiceCheck& check, std::string service_name);

  CheckStatus status() const { return status_; }
  const std::string& output() const { return output_; }
  const std::string& service_name() const { return service_name_; }
  const std::string& check_name() const { return check_name_; }
  std::int32_t failures() const { return failures_; }

 private:
  std::string service_name_, check_name_;
  std::int32_t limit_ = 0;  ///< 0: never restarts its task
  Duration grace_;
  bool ignore_warnings_ = false;
  Elapsed running_since_;
  CheckStatus status_ = CheckStatus::pending;
  std::string output_;
  std::int32_t failures_ = 0;  ///< in a row, since the grace period
};

}  // namespace orch
