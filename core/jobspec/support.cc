#include "core/jobspec/support.h"

#include "core/jobspec/driver_config.h"

namespace orch {
namespace {

// The parts of a field's path, each behind the other.
void append(std::string& text, const std::string& part) { text += part; }
void append(std::string& text, const TaskGroup& group) { text += "group \"" + group.name + "\""; }
void append(std::string& text, const Task& task) { text += " -> task \"" + task.name + "\""; }
void append(std::string& text, const Service& service) { text += " -> service \"" + service.name + "\""; }

/// Says of fields what is to be said. A path is made into text only then: almost every job is fine.
class Findings {
 public:
  explicit Findings(const char* verdict) : verdict_(verdict) {}

  template <class... Parts>
  void say(bool present, const Parts&... path) {
    if (!present) return;
    std::string& text = found_.emplace_back();
    (append(text, path), ...);
    text += verdict_;
  }
  void add(std::string text) { found_.push_back(std::move(text)); }
  std::vector<std::string> take() { return std::move(found_); }

 private:
  const char* verdict_;
  std::vector<std::string> found_;
};

// `owner`: the group, or the group and the task.
template <class... Owner>
void refuse_services(Findings& refused, const std::vector<Service>& services, const Owner&... owner) {
  for (const Service& service : services) {
    refused.say(service.address_mode == "driver", owner..., service,
                " -> address_mode = \"driver\" (services are reached at the host's address)");
    for (const ServiceCheck& check : service.checks) {
      refused.say(check.address_mode == "driver", owner..., service, " -> check address_mode = \"driver\"");
      refused.say(check.type == "grpc", owner..., service, " -> check type = \"grpc\"");
      refused.say(check.type == "http" && check.protocol == "https", owner..., service,
                  " -> check protocol = \"https\"");
    }
  }
}

template <class... Owner>
void warn_of_services(Findings& warned, const std::vector<Service>& services, const Owner&... owner) {
  for (const Service& service : services) {
    warned.say(!service.canary_tags.empty(), owner..., service, " -> canary_tags");
    warned.say(!service.provider.empty() && service.provider != "nomad", owner..., service, " -> provider = \"",
               service.provider, "\"");
  }
}

}  // namespace

std::vector<std::string> refusals(const Job& job) {
  Findings refused(" is not supported yet");
  refused.say(job.type == "system", "type = \"system\"");
  refused.say(job.periodic.has_value(), "periodic");
  refused.say(job.parameterized.has_value(), "parameterized");
  refused.say(job.all_at_once, "all_at_once");
  refused.say(job.namespace_name != "default", "namespace \"", job.namespace_name, "\"");
  for (const TaskGroup& group : job.task_groups) {
    if (group.update) {
      refused.say(group.update->canary.value_or(0) > 0, group, " -> update -> canary");
      refused.say(group.update->auto_revert.value_or(false), group, " -> update -> auto_revert");
      refused.say(group.update->auto_promote.value_or(false), group, " -> update -> auto_promote");
    }
    for (const NetworkResource& network : group.networks) {
      refused.say(!network.mode.empty() && network.mode != "host", group, " -> network -> mode = \"", network.mode,
                  "\"");
    }
    refuse_services(refused, group.services, group);
    for (const Task& task : group.tasks) {
      refused.say(!task.artifacts.empty(), group, task, " -> artifact");
      refused.say(!task.templates.empty(), group, task, " -> template");
      refused.say(task.vault.has_value(), group, task, " -> vault");
      refused.say(task.dispatch_payload.has_value(), group, task, " -> dispatch_payload");
      refused.say(!task.resources.devices.empty(), group, task, " -> resources -> device");
      refuse_services(refused, task.services, group, task);
    }
  }
  return refused.take();
}

std::vector<std::string> warnings(const Job& job) {
  Findings warned(" is kept but not acted on yet");
  warned.say(!job.affinities.empty(), "affinity");
  warned.say(!job.spreads.empty(), "spread");
  warned.say(!job.vault_token.empty(), "vault_token");
  warned.say(job.region != "global", "region");
  for (const TaskGroup& group : job.task_groups) {
    warned.say(!group.affinities.empty(), group, " -> affinity");
    warned.say(!group.spreads.empty(), group, " -> spread");
    if (group.migrate) {
      const MigrateStrategy usual{
          .max_parallel = 1, .health_check = "checks", .min_healthy_time = seconds(10), .healthy_deadline = minutes(5)};
      warned.say(*group.migrate != usual, group, " -> migrate");
    }
    if (group.update)
      warned.say(group.update->stagger.value_or(seconds(30)) != seconds(30), group, " -> update -> stagger");
    warn_of_services(warned, group.services, group);
    warned.say(group.ephemeral_disk.sticky, group, " -> ephemeral_disk -> sticky");
    warned.say(group.ephemeral_disk.migrate, group, " -> ephemeral_disk -> migrate");
    for (const Task& task : group.tasks) {
      warned.say(!task.affinities.empty(), group, task, " -> affinity");
      warned.say(task.resources.iops != 0, group, task, " -> resources -> iops");
      warned.say(task.resources.disk_mb != 0, group, task, " -> resources -> disk");
      warn_of_services(warned, task.services, group, task);
      for (const std::string& warning : config_warnings(task.driver, task.config)) {
        std::string text;
        append(text, group);
        append(text, task);
        warned.add(text + " -> " + warning);
      }
    }
  }
  return warned.take();
}

}  // namespace orch
