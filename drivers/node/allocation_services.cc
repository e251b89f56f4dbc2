// The services of an allocation's tasks: their checks, and what the catalogue is told of them.
#include <algorithm>

#include "core/runner/services.h"
#include "drivers/node/allocation_runner.h"
#include "drivers/node/task_config.h"

namespace orch::client {
namespace {

CheckStatus status_of(CheckResult::Status status) {
  switch (status) {
    case CheckResult::Status::passing: return CheckStatus::passing;
    case CheckResult::Status::warning: return CheckStatus::warning;
    case CheckResult::Status::critical: break;
  }
  return CheckStatus::critical;
}

}  // namespace

std::shared_ptr<const Job> AllocationRunner::job_with_names() const {
  const auto is_open = [](const Service& service) {
    const auto open = [](const std::string& text) { return text.find("${") != std::string::npos; };
    return open(service.name) ||
           std::any_of(service.checks.begin(), service.checks.end(), [&](const auto& c) { return open(c.name); });
  };
  const TaskGroup& group = *spec_.group();
  bool needed = std::any_of(group.services.begin(), group.services.end(), is_open);
  for (const Task& task : group.tasks)
    needed = needed || std::any_of(task.services.begin(), task.services.end(), is_open);
  if (!needed) return spec_.job;
  auto job = std::make_shared<Job>(*spec_.job);
  for (TaskGroup& own : job->task_groups) {
    if (own.name != spec_.group_name) continue;
    for (Task& task : own.tasks) {
      const TaskEnvironment environment = environment_of(task.name);
      // Those of the group stand on the task that `services_of` finds for them.
      const auto on_this = services_of(own, task);
      for (Service& service : own.services) {
        if (std::find(on_this.begin(), on_this.end(), &service) != on_this.end())
          service = environment.interpolate(std::move(service));
      }
      for (Service& service : task.services) service = environment.interpolate(std::move(service));
    }
  }
  return job;
}

std::vector<CheckTarget> AllocationRunner::check_targets(const std::string& name, const std::string& handle) const {
  const TaskRun& run = tasks_.at(name);
  const TaskEnvironment environment = environment_of(name);
  std::vector<CheckTarget> targets;
  const auto services = services_of(*spec_.group(), *run.task);
  for (std::size_t s = 0; s < services.size(); ++s) {
    const Service service = environment.interpolate(*services[s]);
    for (std::size_t c = 0; c < service.checks.size(); ++c) {
      CheckTarget target;
      target.id = std::to_string(s) + "/" + std::to_string(c);
      target.service = service.name;
      target.task = name;
      target.check = service.checks[c];
      const std::string& label = target.check.port_label.empty() ? service.port_label : target.check.port_label;
      std::tie(target.host, target.port) = service_address(spec_, name, label, *around_.host.node());
      if (run.driver != nullptr) {
        target.exec = [driver = run.driver, handle](const std::string& command, const StringList& arguments,
                                                    Duration time) {
          return driver->exec(handle, command, arguments, time);
        };
      }
      targets.push_back(std::move(target));
    }
  }
  return targets;
}

void AllocationRunner::set_services(const std::string& name) {
  TaskRun& run = tasks_.at(name);
  if (run.checks) aside([checks = std::move(run.checks)] { checks->stop(); });
  run.checks.reset();
  const std::uint64_t generation = ++run.checks_generation;
  run.in_catalogue = true;
  const auto task = machine_->tasks().find(name);
  std::vector<CheckTarget> targets = check_targets(name, task == machine_->tasks().end() ? "" : task->second.handle());
  if (!targets.empty()) {
    run.checks = std::make_shared<CheckRunner>(
        std::move(targets),
        [weak = weak_from_this(), name, generation](const CheckTarget& target, const CheckResult& result) {
          const auto self = weak.lock();
          if (!self) return;
          const std::size_t slash = target.id.find('/');
          const CheckRef ref{name, std::stoul(target.id.substr(0, slash)), std::stoul(target.id.substr(slash + 1))};
          self->around_.mailbox.post([weak, ref, generation, result] {
            const auto runner = weak.lock();
            if (!runner || runner->tasks_.at(ref.task).checks_generation != generation) return;
            // The catalogue holds what a check said when its status last changed: a record each interval would be too
            // much.
            const auto status = [&] {
              const auto task = runner->machine_->checks().find(ref.task);
              if (task == runner->machine_->checks().end()) return CheckStatus::pending;
              const auto check =
                  std::find_if(task->second.begin(), task->second.end(), [&](const auto& c) { return c.first == ref; });
              return check == task->second.end() ? CheckStatus::pending : check->second.status();
            };
            const CheckStatus before = status();
            runner->act(runner->machine_->check_result(read_moment(), ref, status_of(result.status), result.output));
            if (status() != before) runner->around_.observer.services_changed();
          });
        });
  }
  around_.observer.services_changed();
}

void AllocationRunner::remove_services(const std::string& name) {
  TaskRun& run = tasks_.at(name);
  if (run.checks) aside([checks = std::move(run.checks)] { checks->stop(); });
  run.checks.reset();
  ++run.checks_generation;
  run.in_catalogue = false;
  around_.observer.services_changed();
}

void AllocationRunner::write_services(JsonWriter& json) const {
  for (const auto& [name, run] : tasks_) {
    if (!run.in_catalogue) continue;
    const TaskEnvironment environment = environment_of(name);
    const auto services = services_of(*spec_.group(), *run.task);
    const auto checks = machine_->checks().find(name);
    for (std::size_t s = 0; s < services.size(); ++s) {
      const Service service = environment.interpolate(*services[s]);
      const auto [host, port] = service_address(spec_, name, service.port_label, *around_.host.node());
      json.object();
      json.member("ID", "_orch-task-" + spec_.id + "-" + name + "-" + service.name + "-" + service.port_label);
      json.member("ServiceName", service.name);
      json.member("Namespace", spec_.namespace_name.empty() ? "default" : spec_.namespace_name);
      json.member("NodeID", spec_.node_id);
      json.member("Datacenter", around_.host.node()->datacenter);
      json.member("JobID", spec_.job_id);
      json.member("AllocID", spec_.id);
      json.member("TaskName", name);
      json.member("Address", host);
      json.member("Port", port);
      json.key("Tags").array();
      for (const std::string& tag : spec_.canary && !service.canary_tags.empty() ? service.canary_tags : service.tags) {
        json.value(tag);
      }
      json.end();
      json.key("Checks").array();
      CheckStatus worst = CheckStatus::passing;
      if (checks != machine_->checks().end()) {
        for (const auto& [ref, state] : checks->second) {
          if (ref.service != s) continue;
          json.object().member("Name", state.check_name()).member("Type", service.checks[ref.check].type);
          json.member("Status", orch::text(state.status())).member("Output", state.output()).end();
          // What has not been seen yet is not to be relied on.
          worst = std::max(worst, state.status() == CheckStatus::pending ? CheckStatus::critical : state.status());
        }
      }
      json.end();
      json.member("Status", orch::text(worst));
      json.end();
    }
  }
}

}  // namespace orch::client
