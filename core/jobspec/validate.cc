#include "core/jobspec/validate.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/jobspec/canonicalize.h"
#include "core/jobspec/check_texts.h"
#include "core/runner/duration_text.h"

namespace orch {
namespace {

using Errors = std::vector<std::string>;

const std::set<std::string> known_drivers = {"docker", "exec", "java", "lxc", "mock_driver", "qemu", "raw_exec", "rkt"};

std::string joined(const Errors& errors) { return error_list(errors); }

// ">= 1.2, < 2.0": operators before versions, of which each begins with a digit or v.
bool is_version_requirement(const std::string& text) {
  static const RE2 one(R"(\s*(?:=|!=|>|<|>=|<=|~>)?\s*v?[0-9]+(?:\.[0-9]+)*(?:[-+.~0-9A-Za-z]*)\s*)");
  std::size_t begin = 0;
  while (true) {
    const std::size_t comma = text.find(',', begin);
    const std::string part = text.substr(begin, comma == std::string::npos ? comma : comma - begin);
    if (!RE2::FullMatch(part, one)) return false;
    if (comma == std::string::npos) return true;
    begin = comma + 1;
  }
}

void check_constraints(const std::vector<Constraint>& constraints, bool of_task, Errors& errors) {
  static const std::set<std::string> operators = {"=", "==", "is", "!=", "not", "<", "<=", ">", ">=", "regexp", "version",
                                                  "semver", "set_contains", "set_contains_all", "set_contains_any",
                                                  "distinct_hosts", "distinct_property", "is_set", "is_not_set"};
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    const Constraint& c = constraints[i];
    Errors found;
    if (!operators.contains(c.operand)) {
      found.push_back("Unknown constraint type \"" + c.operand + "\"");
    } else if (c.operand == "distinct_hosts" || c.operand == "distinct_property") {
      if (of_task) found.push_back("Constraint of type " + c.operand + " is not allowed on a task; put it into its group");
      if (c.operand == "distinct_property" && c.l_target.empty()) found.push_back("No LTarget provided but is required by constraint");
      if (c.operand == "distinct_property" && !c.r_target.empty()) {
        const bool digits = c.r_target.find_first_not_of("0123456789") == std::string::npos && c.r_target.size() < 10;
        if (!digits) found.push_back("Failed to convert RTarget \"" + c.r_target + "\" to uint64");
        if (digits && std::stoul(c.r_target) == 0) found.push_back("Distinct Property must have an allowed count of 1 or greater: 0 < 1");
      }
    } else {
      if (c.l_target.empty()) found.push_back("No LTarget provided but is required by constraint");
      if (c.operand == "regexp") {
        const RE2 expression(c.r_target, RE2::Quiet);
        if (!expression.ok()) found.push_back("Regular expression failed to compile: " + expression.error());
      }
      if ((c.operand == "version" || c.operand == "semver") && !is_version_requirement(c.r_target)) {
        found.push_back("Version constraint is invalid: Malformed constraint: " + c.r_target);
      }
      if (c.operand.starts_with("set_contains") && c.r_target.empty()) found.push_back("Set contains constraint requires an RTarget");
    }
    if (!found.empty()) errors.push_back("Constraint " + std::to_string(i + 1) + " validation failed: " + joined(found));
  }
}

bool is_port_label(const std::string& label) {
  if (label.empty() || label.size() > 57) return false;
  for (char c : label) {
    if (!(std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-')) return false;
  }
  return true;
}

Errors check_resources(const Resources& r) {
  Errors errors;
  if (r.cpu < 20) errors.push_back("minimum CPU value is 20; got " + std::to_string(r.cpu));
  if (r.memory_mb < 10) errors.push_back("minimum MemoryMB value is 10; got " + std::to_string(r.memory_mb));
  for (std::size_t i = 0; i < r.networks.size(); ++i) {
    if (r.networks[i].mbits < 1) {
      errors.push_back("network resource at index " + std::to_string(i) + " failed: 1 error(s) occurred:\n\n* minimum MBits value is 1; got " +
                       std::to_string(r.networks[i].mbits));
    }
  }
  return errors;
}

// A static port may be asked for once per group, a label once per network block.
void check_ports(const std::vector<NetworkResource>& networks, const std::string& owner,
                 std::map<std::int32_t, std::string>& statics, Errors& errors) {
  for (const NetworkResource& network : networks) {
    std::set<std::string> labels;
    auto look = [&](const Port& port) {
      if (!is_port_label(port.label)) errors.push_back("Port label \"" + port.label + "\" does not conform to naming requirements: letters, digits, _ and -");
      if (!labels.insert(port.label).second) errors.push_back("Port label \"" + port.label + "\" is used more than once");
      if (port.value < 0 || port.value > 65535) {
        errors.push_back("Port \"" + port.label + "\" must be between 1 and 65535; got " + std::to_string(port.value));
      } else if (port.value != 0) {
        const auto [it, fresh] = statics.emplace(port.value, owner + ":" + port.label);
        if (!fresh) errors.push_back("Static port " + std::to_string(port.value) + " already reserved by " + it->second);
      }
      if (port.to < 0 || port.to > 65535) errors.push_back("Port \"" + port.label + "\" maps to " + std::to_string(port.to) + ", which is no port");
    };
    for (const Port& port : network.reserved_ports) look(port);
    for (const Port& port : network.dynamic_ports) look(port);
  }
}

void add_labels(const std::vector<NetworkResource>& networks, std::set<std::string>& labels) {
  for (const NetworkResource& network : networks) {
    for (const Port& port : network.reserved_ports) labels.insert(port.label);
    for (const Port& port : network.dynamic_ports) labels.insert(port.label);
  }
}

Errors check_service(const Service& service) {
  Errors errors;
  if (service.name.empty() || service.name.size() > 63) {
    errors.push_back("Service name must be valid per RFC 1123 and can contain only alphanumeric characters or dashes and must be no longer than 63 characters");
  }
  if (service.address_mode != "auto" && service.address_mode != "host" && service.address_mode != "driver") {
    errors.push_back("Service address_mode must be \"auto\", \"host\", or \"driver\"; not \"" + service.address_mode + "\"");
  }
  for (const ServiceCheck& check : service.checks) {
    const std::string intro = "Check " + check.name + " invalid: ";
    static const std::set<std::string> types = {"grpc", "http", "script", "tcp"};
    if (!types.contains(check.type)) {
      errors.push_back(intro + "invalid type (\"" + check.type + "\"), must be one of \"http\", \"tcp\", or \"script\" type");
      continue;
    }
    if (check.type == "http" && check.path.empty()) errors.push_back(intro + "http type must have a valid http path");
    if (check.type == "script" && check.command.empty()) errors.push_back(intro + "script type must have a valid script path");
    if (check.interval.ns == 0) errors.push_back(intro + "missing required value interval. Interval cannot be less than 1s");
    else if (check.interval < seconds(1)) errors.push_back(intro + "interval (" + duration_text(check.interval) + ") cannot be lower than 1s");
    if (check.timeout.ns == 0) errors.push_back(intro + "missing required value timeout. Timeout cannot be less than 1s");
    else if (check.timeout < seconds(1)) errors.push_back(intro + "timeout (" + duration_text(check.timeout) + ") is lower than required minimum timeout 1s");
    if (check.type != "script" && service.port_label.empty() && check.port_label.empty()) {
      errors.push_back(intro + "check requires a port but neither check nor service \"" + service.name + "\" have a port");
    }
  }
  return errors;
}

// The services of a task or of a group, and whether the ports they name are among `labels`.
void check_services(const std::vector<Service>& services, const std::set<std::string>& labels, Errors& errors) {
  std::set<std::string> names;
  for (const Service& service : services) {
    if (Errors found = check_service(service); !found.empty()) errors.push_back("service \"" + service.name + "\" validation failed: " + joined(found));
    if (!names.insert(service.name + service.port_label).second) errors.push_back("service \"" + service.name + "\" is duplicate");
    auto wants = [&](const std::string& label, const std::string& who) {
      if (label.find_first_not_of("0123456789") == std::string::npos || labels.contains(label)) return;
      errors.push_back("port label \"" + label + "\" referenced by " + who + " does not exist");
    };
    wants(service.port_label, "services " + service.name);
    for (const ServiceCheck& check : service.checks) wants(check.port_label, "check " + check.name);
  }
}

Errors check_task(const Task& task, const TaskGroup& group, const std::set<std::string>& group_labels) {
  Errors errors;
  if (task.name.empty()) errors.push_back("Missing task name");
  if (task.name.find_first_of("/\\") != std::string::npos) errors.push_back("Task name cannot include slashes");
  if (task.name == "." || task.name == ".." || task.name == "alloc") {
    errors.push_back("Task name cannot be \"" + task.name + "\": it names a folder");
  }
  if (task.name.size() > 200) errors.push_back("Task name has " + std::to_string(task.name.size()) + " bytes; at most 200 are allowed");
  for (const auto& [key, text] : task.env) {
    if (key.empty() || key.find('=') != std::string::npos) errors.push_back("Environment variable \"" + key + "\" is no name");
  }
  if (task.driver.empty()) errors.push_back("Missing task driver");
  if (task.kill_timeout.ns < 0) errors.push_back("KillTimeout must be a positive value");
  if (task.shutdown_delay.ns < 0) errors.push_back("ShutdownDelay must be a positive value");
  if (Errors found = check_resources(task.resources); !found.empty()) errors.push_back(joined(found));
  if (task.log_config.max_files < 1) errors.push_back("minimum number of files is 1; got " + std::to_string(task.log_config.max_files));
  if (task.log_config.max_file_size_mb < 1) errors.push_back("minimum file size is 1MB; got " + std::to_string(task.log_config.max_file_size_mb));
  const std::int64_t logs = std::int64_t{task.log_config.max_files} * task.log_config.max_file_size_mb;
  if (group.ephemeral_disk.size_mb <= logs) {
    errors.push_back("log storage (" + std::to_string(logs) + " MB) must be less than requested disk capacity (" +
                     std::to_string(group.ephemeral_disk.size_mb) + " MB)");
  }
  check_constraints(task.constraints, true, errors);
  if (task.services.empty()) return errors;
  std::set<std::string> labels = group_labels;
  add_labels(task.resources.networks, labels);
  check_services(task.services, labels, errors);
  return errors;
}

template <class Policy>
bool is_whole(const std::optional<Policy>& policy) {
  bool whole = true;
  if (policy) Policy::fields(*policy, [&](const char*, const char*, const auto& member) { whole = whole && member.has_value(); });
  return whole;
}

bool has_whole_policies(const TaskGroup& group) {
  return is_whole(group.restart) && is_whole(group.reschedule) && is_whole(group.update) && is_whole(group.migrate);
}

void check_policies(const Job& job, const TaskGroup& group, Errors& errors) {
  if (group.restart) {
    const RestartPolicy& r = *group.restart;
    if (*r.mode != "fail" && *r.mode != "delay") errors.push_back("Unsupported restart mode: \"" + *r.mode + "\"");
    if (*r.attempts < 0) errors.push_back("Restart attempts can't be negative; got " + std::to_string(*r.attempts));
    if (*r.mode == "delay" || *r.attempts > 0) {
      if (*r.interval < seconds(5)) errors.push_back("Interval can not be less than 5s (got " + duration_text(*r.interval) + ")");
      else if (*r.attempts > 0 && r.delay->ns > r.interval->ns / *r.attempts) {
        errors.push_back("Nomad can't restart the TaskGroup " + std::to_string(*r.attempts) + " times in an interval of " +
                         duration_text(*r.interval) + " with a delay of " + duration_text(*r.delay));
      }
    }
  }
  if (group.reschedule && job.type == "system") errors.push_back("System jobs should not have a reschedule policy");
  if (group.reschedule) {
    const ReschedulePolicy& r = *group.reschedule;
    static const std::set<std::string> functions = {"constant", "exponential", "fibonacci"};
    Errors found;
    if (*r.attempts < 0) found.push_back("Attempts can't be negative; got " + std::to_string(*r.attempts));
    if (*r.unlimited && *r.attempts > 0) found.push_back("Reschedule Policy with unlimited = true is ambiguous with attempts = " + std::to_string(*r.attempts));
    if (*r.unlimited || *r.attempts > 0) {
      if (*r.delay < seconds(5)) found.push_back("Delay cannot be less than 5s (got " + duration_text(*r.delay) + ")");
      if (!functions.contains(*r.delay_function)) found.push_back("Invalid delay function \"" + *r.delay_function + "\", must be one of [constant exponential fibonacci]");
      else if (*r.delay_function != "constant" && *r.max_delay < *r.delay) {
        found.push_back("Max Delay cannot be less than Delay " + duration_text(*r.delay) + " (got " + duration_text(*r.max_delay) + ")");
      }
      if (!*r.unlimited && *r.interval < seconds(15)) found.push_back("Interval cannot be less than 15s (got " + duration_text(*r.interval) + ")");
    }
    if (!found.empty()) errors.push_back(joined(found));
  }
  if (group.update) {
    const UpdateStrategy& u = *group.update;
    Errors found;
    static const std::set<std::string> checks = {"checks", "task_states", "manual"};
    if (!checks.contains(*u.health_check)) found.push_back("Invalid health check given: \"" + *u.health_check + "\"");
    if (*u.max_parallel < 1) found.push_back("Max parallel can not be less than one: " + std::to_string(*u.max_parallel) + " < 1");
    if (*u.canary < 0) found.push_back("Canary count can not be less than zero: " + std::to_string(*u.canary) + " < 0");
    if (u.min_healthy_time->ns < 0) found.push_back("Minimum healthy time may not be less than zero: " + duration_text(*u.min_healthy_time));
    if (u.healthy_deadline->ns <= 0) found.push_back("Healthy deadline must be greater than zero: " + duration_text(*u.healthy_deadline));
    if (u.progress_deadline->ns < 0) found.push_back("Progress deadline must be zero or greater: " + duration_text(*u.progress_deadline));
    if (u.min_healthy_time->ns >= u.healthy_deadline->ns) {
      found.push_back("Minimum healthy time must be less than healthy deadline: " + duration_text(*u.min_healthy_time) + " > " + duration_text(*u.healthy_deadline));
    }
    if (u.progress_deadline->ns != 0 && u.healthy_deadline->ns >= u.progress_deadline->ns) {
      found.push_back("Healthy deadline must be less than progress deadline: " + duration_text(*u.healthy_deadline) + " > " + duration_text(*u.progress_deadline));
    }
    if (u.stagger->ns <= 0) found.push_back("Stagger must be greater than zero: " + duration_text(*u.stagger));
    if (!found.empty()) errors.push_back(joined(found));
  }
  if (job.type == "system" && group.count > 1) {
    errors.push_back("Job task group " + group.name + " has count " + std::to_string(group.count) + ". Count cannot exceed 1 with system scheduler");
  }
}

Errors check_group(const Job& job, const TaskGroup& group) {
  Errors errors;
  if (group.name.empty()) errors.push_back("Missing task group name");
  if (group.count < 0) errors.push_back("Task group count can't be negative");
  if (group.tasks.empty()) errors.push_back("Missing tasks for task group");
  check_constraints(group.constraints, false, errors);
  check_policies(job, group, errors);
  if (group.ephemeral_disk.size_mb < 10) errors.push_back("minimum DiskMB value is 10; got " + std::to_string(group.ephemeral_disk.size_mb));
  std::map<std::string, std::size_t> places;
  std::map<std::int32_t, std::string> statics;
  int leaders = 0;
  check_ports(group.networks, group.name, statics, errors);
  for (std::size_t i = 0; i < group.tasks.size(); ++i) {
    const Task& task = group.tasks[i];
    if (task.name.empty()) {
      errors.push_back("Task " + std::to_string(i + 1) + " missing name");
    } else if (const auto [it, fresh] = places.emplace(task.name, i + 1); !fresh) {
      errors.push_back("Task " + std::to_string(i + 1) + " redefines '" + task.name + "' from task " + std::to_string(it->second));
    }
    leaders += task.leader ? 1 : 0;
    check_ports(task.resources.networks, task.name, statics, errors);
  }
  if (leaders > 1) errors.push_back("Only one task may be marked as leader");
  std::set<std::string> group_labels;
  add_labels(group.networks, group_labels);
  // In Nomad's group services a check may name a port of a task.
  std::set<std::string> all_labels = group_labels;
  for (const Task& task : group.tasks) add_labels(task.resources.networks, all_labels);
  check_services(group.services, all_labels, errors);
  for (const Task& task : group.tasks) {
    if (Errors found = check_task(task, group, group_labels); !found.empty()) errors.push_back("Task " + task.name + " validation failed: " + joined(found));
  }
  return errors;
}

}  // namespace

std::string error_list(const Errors& errors) {
  std::string out = std::to_string(errors.size()) + " error(s) occurred:\n";
  for (const std::string& error : errors) out += "\n* " + error;
  return out;
}

std::string warning_list(const std::vector<std::string>& warnings) {
  std::string out = std::to_string(warnings.size()) + " warning(s):\n";
  for (const std::string& warning : warnings) out += "\n* " + warning;
  return out;
}

std::vector<std::string> validate(const Job& given) {
  // Most callers bring a canonical job; one that isn't yet is judged by what it will be.
  std::optional<Job> filled;
  if (!std::all_of(given.task_groups.begin(), given.task_groups.end(), has_whole_policies)) canonicalize(filled.emplace(given));
  const Job& job = filled ? *filled : given;
  Errors errors;
  if (job.id.empty()) errors.push_back("Missing job ID");
  if (job.id.find(' ') != std::string::npos) errors.push_back("Job ID contains a space");
  if (job.id.find('\0') != std::string::npos) errors.push_back("Job ID contains a null character");
  check_texts(job, errors);
  for (unsigned char c : job.id) {
    if (c != 0 && c < 0x20) {
      errors.push_back("Job ID contains a control character");
      break;
    }
  }
  if (job.id.size() > 400) errors.push_back("Job ID has " + std::to_string(job.id.size()) + " bytes; at most 400 are allowed");
  if (job.name.empty()) errors.push_back("Missing job name");
  if (job.type != "service" && job.type != "batch" && job.type != "system") errors.push_back("Invalid job type: \"" + job.type + "\"");
  if (job.priority < 1 || job.priority > 100) errors.push_back("Job priority must be between [1, 100]");
  if (job.datacenters.empty()) errors.push_back("Missing job datacenters");
  if (job.task_groups.empty()) errors.push_back("Missing job task groups");
  check_constraints(job.constraints, false, errors);
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < job.task_groups.size(); ++i) {
    const TaskGroup& group = job.task_groups[i];
    if (group.name.empty()) {
      errors.push_back("Job task group " + std::to_string(i + 1) + " missing name");
    } else if (const auto [it, fresh] = places.emplace(group.name, i + 1); !fresh) {
      errors.push_back("Job task group " + std::to_string(i + 1) + " redefines '" + group.name + "' from group " + std::to_string(it->second));
    }
    if (Errors found = check_group(job, group); !found.empty()) {
      errors.push_back("Task group " + group.name + " validation failed: " + joined(found));
    }
  }
  for (const TaskGroup& group : job.task_groups) {
    for (const Task& task : group.tasks) {
      if (!task.driver.empty() && !known_drivers.contains(task.driver)) {
        errors.push_back("failed to create driver for task \"" + task.name + "\" in group \"" + group.name +
                         "\" for validation: unknown driver '" + task.driver + "'");
      }
    }
  }
  return errors;
}

}  // namespace orch
