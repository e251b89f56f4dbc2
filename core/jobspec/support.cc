#include "core/jobspec/support.h"

#include "core/jobspec/driver_config.h"

namespace orch {
namespace {

std::string path(const TaskGroup& group) { return "group \"" + group.name + "\""; }
std::string path(const TaskGroup& group, const Task& task) { return path(group) + " -> task \"" + task.name + "\""; }

}  // namespace

std::vector<std::string> refusals(const Job& job) {
  std::vector<std::string> found;
  auto refuse = [&](bool present, const std::string& field, const std::string& advice = {}) {
    if (present) found.push_back(field + " is not supported yet" + (advice.empty() ? "" : ": " + advice));
  };
  refuse(job.type == "system", "type = \"system\"");
  refuse(job.periodic.has_value(), "periodic");
  refuse(job.parameterized.has_value(), "parameterized");
  refuse(job.all_at_once, "all_at_once");
  refuse(job.namespace_name != "default", "namespace \"" + job.namespace_name + "\"");
  for (const TaskGroup& group : job.task_groups) {
    if (group.update) {
      refuse(group.update->canary.value_or(0) > 0, path(group) + " -> update -> canary");
      refuse(group.update->auto_revert.value_or(false), path(group) + " -> update -> auto_revert");
      refuse(group.update->auto_promote.value_or(false), path(group) + " -> update -> auto_promote");
    }
    for (const NetworkResource& network : group.networks) {
      refuse(!network.mode.empty() && network.mode != "host", path(group) + " -> network -> mode = \"" + network.mode + "\"");
    }
    auto services = [&](const std::string& owner, const std::vector<Service>& list) {
      for (const Service& service : list) {
        const std::string place = owner + " -> service \"" + service.name + "\" -> check";
        refuse(service.address_mode == "driver", owner + " -> service \"" + service.name + "\" -> address_mode = \"driver\"",
               "services are reached at the host's address");
        for (const ServiceCheck& check : service.checks) {
          refuse(check.address_mode == "driver", place + " address_mode = \"driver\"");
          refuse(check.type == "grpc", place + " type = \"grpc\"");
          refuse(check.type == "http" && check.protocol == "https", place + " protocol = \"https\"");
        }
      }
    };
    services(path(group), group.services);
    for (const Task& task : group.tasks) {
      const std::string task_path = path(group, task);
      refuse(!task.artifacts.empty(), task_path + " -> artifact");
      refuse(!task.templates.empty(), task_path + " -> template");
      refuse(task.vault.has_value(), task_path + " -> vault");
      refuse(task.dispatch_payload.has_value(), task_path + " -> dispatch_payload");
      refuse(!task.resources.devices.empty(), task_path + " -> resources -> device");
      services(task_path, task.services);
    }
  }
  return found;
}

std::vector<std::string> warnings(const Job& job) {
  std::vector<std::string> found;
  auto warn = [&](bool present, const std::string& field) {
    if (present) found.push_back(field + " is kept but not acted on yet");
  };
  warn(!job.affinities.empty(), "affinity");
  warn(!job.spreads.empty(), "spread");
  warn(!job.vault_token.empty(), "vault_token");
  warn(job.region != "global", "region");
  for (const TaskGroup& group : job.task_groups) {
    warn(!group.affinities.empty(), path(group) + " -> affinity");
    warn(!group.spreads.empty(), path(group) + " -> spread");
    if (group.migrate) {
      const MigrateStrategy usual{
          .max_parallel = 1, .health_check = "checks", .min_healthy_time = seconds(10), .healthy_deadline = minutes(5)};
      warn(*group.migrate != usual, path(group) + " -> migrate");
    }
    if (group.update) warn(group.update->stagger.value_or(seconds(30)) != seconds(30), path(group) + " -> update -> stagger");
    auto services = [&](const std::string& owner, const std::vector<Service>& list) {
      for (const Service& service : list) {
        const std::string place = owner + " -> service \"" + service.name + "\" -> ";
        warn(!service.canary_tags.empty(), place + "canary_tags");
        warn(!service.provider.empty() && service.provider != "nomad", place + "provider = \"" + service.provider + "\"");
      }
    };
    services(path(group), group.services);
    warn(group.ephemeral_disk.sticky, path(group) + " -> ephemeral_disk -> sticky");
    warn(group.ephemeral_disk.migrate, path(group) + " -> ephemeral_disk -> migrate");
    for (const Task& task : group.tasks) {
      warn(!task.affinities.empty(), path(group, task) + " -> affinity");
      warn(task.resources.iops != 0, path(group, task) + " -> resources -> iops");
      warn(task.resources.disk_mb != 0, path(group, task) + " -> resources -> disk");
      services(path(group, task), task.services);
      for (const std::string& warning : config_warnings(task.driver, task.config)) found.push_back(path(group, task) + " -> " + warning);
    }
  }
  return found;
}

}  // namespace orch
