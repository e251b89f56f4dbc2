#include "core/jobspec/canonicalize.h"

#include <utility>

#include "core/base/assert.h"
#include "core/jobspec/validate_rules.h"

namespace orch {
namespace {

// Takes what `from` says and `to` leaves open.
template <class T>
void inherit(std::optional<T>& to, const std::optional<T>& from) {
  if (!to) to = from;
}
template <class T>
void fill(std::optional<T>& to, T value) {
  if (!to) to = std::move(value);
}

constexpr std::size_t longest_service_name = 255;

RestartPolicy restart_defaults(const std::string& type) {
  const bool batch = type == "batch";
  return {.attempts = batch ? 3 : 2, .interval = batch ? hours(24) : minutes(30), .delay = seconds(15), .mode = "fail"};
}

ReschedulePolicy reschedule_defaults(const std::string& type) {
  if (type == "batch") {
    return {.attempts = 1,
            .interval = hours(24),
            .delay = seconds(5),
            .max_delay = Duration{},
            .delay_function = "constant",
            .unlimited = false};
  }
  return {.attempts = 0,
          .interval = Duration{},
          .delay = seconds(30),
          .max_delay = hours(1),
          .delay_function = "exponential",
          .unlimited = true};
}

void merge(RestartPolicy& to, const RestartPolicy& from) {
  inherit(to.attempts, from.attempts);
  inherit(to.interval, from.interval);
  inherit(to.delay, from.delay);
  inherit(to.mode, from.mode);
}

void merge(ReschedulePolicy& to, const ReschedulePolicy& from) {
  inherit(to.attempts, from.attempts);
  inherit(to.interval, from.interval);
  inherit(to.delay, from.delay);
  inherit(to.max_delay, from.max_delay);
  inherit(to.delay_function, from.delay_function);
  inherit(to.unlimited, from.unlimited);
}

void merge(UpdateStrategy& to, const UpdateStrategy& from) {
  inherit(to.stagger, from.stagger);
  inherit(to.max_parallel, from.max_parallel);
  inherit(to.health_check, from.health_check);
  inherit(to.min_healthy_time, from.min_healthy_time);
  inherit(to.healthy_deadline, from.healthy_deadline);
  inherit(to.progress_deadline, from.progress_deadline);
  inherit(to.auto_revert, from.auto_revert);
  inherit(to.auto_promote, from.auto_promote);
  inherit(to.canary, from.canary);
}

void merge(MigrateStrategy& to, const MigrateStrategy& from) {
  inherit(to.max_parallel, from.max_parallel);
  inherit(to.health_check, from.health_check);
  inherit(to.min_healthy_time, from.min_healthy_time);
  inherit(to.healthy_deadline, from.healthy_deadline);
}

const UpdateStrategy update_defaults{.stagger = seconds(30),
                                     .min_healthy_time = seconds(10),
                                     .healthy_deadline = minutes(5),
                                     .progress_deadline = minutes(10),
                                     .max_parallel = 1,
                                     .canary = 0,
                                     .health_check = "checks",
                                     .auto_revert = false,
                                     .auto_promote = false};
// What a job without an update block shows.
const UpdateStrategy update_nothing{.stagger = Duration{},
                                    .min_healthy_time = Duration{},
                                    .healthy_deadline = Duration{},
                                    .progress_deadline = Duration{},
                                    .max_parallel = 0,
                                    .canary = 0,
                                    .health_check = "",
                                    .auto_revert = false,
                                    .auto_promote = false};
const MigrateStrategy migrate_defaults{
    .max_parallel = 1, .health_check = "checks", .min_healthy_time = seconds(10), .healthy_deadline = minutes(5)};

/// Whether a block says nothing: absent, or all zeros, which is how the API shows an absent one.
bool is_empty(const std::optional<UpdateStrategy>& update) {
  if (!update) return true;
  UpdateStrategy filled = *update;
  merge(filled, update_nothing);
  return filled == update_nothing;
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

void canonicalize(Service& service, const Job& job, const TaskGroup& group, const std::string& task) {
  const std::string base = job.name + "-" + group.name + (task.empty() ? "" : "-" + task);
  if (service.name.empty()) service.name = base;
  // Longer names are refused by validate; not filled in, they cannot grow without bound either.
  if (service.name.size() <= longest_service_name) {
    replace_all(service.name, "${JOB}", job.name);
    replace_all(service.name, "${TASKGROUP}", group.name);
    replace_all(service.name, "${TASK}", task);
    replace_all(service.name, "${BASE}", base);
  }
  if (service.address_mode.empty()) service.address_mode = "auto";
  for (ServiceCheck& check : service.checks) {
    if (check.name.empty()) check.name = "service: \"" + service.name + "\" check";
    if (check.check_restart && !check.check_restart->grace) check.check_restart->grace = seconds(1);
  }
}

void canonicalize(std::vector<Constraint>& constraints) {
  for (Constraint& c : constraints) {
    if (c.operand.empty()) c.operand = "=";
  }
}

void canonicalize(std::vector<Affinity>& affinities) {
  for (Affinity& a : affinities) {
    if (a.operand.empty()) a.operand = "=";
  }
}

void canonicalize(Task& task, const Job& job, const TaskGroup& group) {
  canonicalize(task.constraints);
  canonicalize(task.affinities);
  for (RequestedDevice& device : task.resources.devices) {
    canonicalize(device.constraints);
    canonicalize(device.affinities);
  }
  for (Service& service : task.services) canonicalize(service, job, group, task.name);
  if (task.kill_timeout.ns == 0) task.kill_timeout = seconds(5);
  for (Template& t : task.templates) {
    if (t.change_mode == "signal" && t.change_signal.empty()) t.change_signal = "SIGHUP";
  }
  if (!task.vault && group.vault) task.vault = group.vault;
}

}  // namespace

void canonicalize(Job& job) {
  if (job.name.empty()) job.name = job.id;
  if (job.id.empty()) job.id = job.name;
  if (job.namespace_name.empty()) job.namespace_name = "default";
  if (job.region.empty()) job.region = "global";
  if (job.type.empty()) job.type = "service";
  const bool service = job.type == "service";
  canonicalize(job.constraints);
  canonicalize(job.affinities);
  // A job that went through here before has its update block reduced to what Nomad keeps of it, or to nothing.
  const bool has_update = !is_empty(job.update);
  // Zeros beside an empty health_check are what an earlier pass left there, not wishes.
  const bool passed_before = has_update && job.update->health_check == "";
  for (TaskGroup& group : job.task_groups) {
    canonicalize(group.constraints);
    canonicalize(group.affinities);
    if (!group.restart) group.restart.emplace();
    merge(*group.restart, restart_defaults(job.type));
    if (job.type != "system" && !group.reschedule) group.reschedule.emplace();
    if (group.reschedule) {
      if (job.reschedule) merge(*group.reschedule, *job.reschedule);
      merge(*group.reschedule, reschedule_defaults(job.type));
    }
    if (service && !group.migrate) group.migrate.emplace();
    if (group.migrate) {
      if (job.migrate) merge(*group.migrate, *job.migrate);
      merge(*group.migrate, migrate_defaults);
    }
    if (is_empty(group.update)) group.update.reset();
    if (service && has_update && !group.update) group.update.emplace();
    if (group.update) {
      if (has_update) {
        UpdateStrategy of_job = *job.update;
        if (passed_before) of_job = {.stagger = of_job.stagger, .max_parallel = of_job.max_parallel};
        merge(*group.update, of_job);
      }
      merge(*group.update, update_defaults);
    }
    for (Service& s : group.services) canonicalize(s, job, group, "");
    for (Task& task : group.tasks) canonicalize(task, job, group);
    group.vault.reset();  // it is the tasks' now
    ORCH_ASSERT(has_whole_policies(group), "every default of a policy is filled in");
  }
  if (has_update) {
    UpdateStrategy kept = update_nothing;
    kept.stagger = job.update->stagger.value_or(seconds(30));
    kept.max_parallel = job.update->max_parallel.value_or(1);
    job.update = kept;
  } else {
    job.update = update_nothing;
  }
  job.reschedule.reset();
  job.migrate.reset();
}

}  // namespace orch
