// The job as a user describes it: job → task group → task, every block of Nomad's job language up to 0.9.
//
// Plain data with field tables (fields.h). A job as parsed may leave things unset (optionals); `canonicalize`
// (core/jobspec) fills every default, so that the reducer, the scheduler and the node client see engaged optionals for
// restart, reschedule, migrate and update policies where the job type has them. Field names, defaults and limits:
// Nomad 0.8.7's JSON and the job specification. Durations are nanoseconds, cpu is MHz, memory and disk are MiB.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/model/fields.h"
#include "core/model/value.h"

namespace orch {

using StringMap = std::map<std::string, std::string>;
using StringList = std::vector<std::string>;

struct Constraint {
  std::string l_target, r_target, operand;
  bool operator==(const Constraint&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "LTarget", "attribute", l_target);
    ORCH_FIELD(2, "RTarget", "value", r_target);
    ORCH_FIELD(3, "Operand", "operator", operand);
  }
};

struct Affinity {
  std::string l_target, r_target, operand;
  std::int32_t weight = 50;
  bool operator==(const Affinity&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "LTarget", "attribute", l_target);
    ORCH_FIELD(2, "RTarget", "value", r_target);
    ORCH_FIELD(3, "Operand", "operator", operand);
    ORCH_FIELD(4, "Weight", "weight", weight);
  }
};

struct SpreadTarget {
  std::string value;
  std::int32_t percent = 0;
  bool operator==(const SpreadTarget&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Value", "", value);
    ORCH_FIELD(2, "Percent", "percent", percent);
  }
};

struct Spread {
  std::string attribute;
  std::int32_t weight = 50;
  std::vector<SpreadTarget> targets;
  bool operator==(const Spread&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Attribute", "attribute", attribute);
    ORCH_FIELD(2, "SpreadTarget", "target", targets);
    ORCH_FIELD(3, "Weight", "weight", weight);
  }
};

struct RestartPolicy {
  std::optional<std::int32_t> attempts;
  std::optional<Duration> interval, delay;
  std::optional<std::string> mode;  // "delay" or "fail"
  bool operator==(const RestartPolicy&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Attempts", "attempts", attempts);
    ORCH_FIELD(2, "Delay", "delay", delay);
    ORCH_FIELD(3, "Interval", "interval", interval);
    ORCH_FIELD(4, "Mode", "mode", mode);
  }
};

struct ReschedulePolicy {
  std::optional<std::int32_t> attempts;
  std::optional<Duration> interval, delay, max_delay;
  std::optional<std::string> delay_function;  // constant, exponential, fibonacci
  std::optional<bool> unlimited;
  bool operator==(const ReschedulePolicy&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Attempts", "attempts", attempts);
    ORCH_FIELD(2, "Delay", "delay", delay);
    ORCH_FIELD(3, "DelayFunction", "delay_function", delay_function);
    ORCH_FIELD(4, "Interval", "interval", interval);
    ORCH_FIELD(5, "MaxDelay", "max_delay", max_delay);
    ORCH_FIELD(6, "Unlimited", "unlimited", unlimited);
  }
};

struct UpdateStrategy {
  std::optional<Duration> stagger, min_healthy_time, healthy_deadline, progress_deadline;
  std::optional<std::int32_t> max_parallel, canary;
  std::optional<std::string> health_check;  // checks, task_states, manual
  std::optional<bool> auto_revert, auto_promote;
  bool operator==(const UpdateStrategy&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "AutoPromote", "auto_promote", auto_promote);
    ORCH_FIELD(2, "AutoRevert", "auto_revert", auto_revert);
    ORCH_FIELD(3, "Canary", "canary", canary);
    ORCH_FIELD(4, "HealthCheck", "health_check", health_check);
    ORCH_FIELD(5, "HealthyDeadline", "healthy_deadline", healthy_deadline);
    ORCH_FIELD(6, "MaxParallel", "max_parallel", max_parallel);
    ORCH_FIELD(7, "MinHealthyTime", "min_healthy_time", min_healthy_time);
    ORCH_FIELD(8, "ProgressDeadline", "progress_deadline", progress_deadline);
    ORCH_FIELD(9, "Stagger", "stagger", stagger);
  }
};

struct MigrateStrategy {
  std::optional<std::int32_t> max_parallel;
  std::optional<std::string> health_check;
  std::optional<Duration> min_healthy_time, healthy_deadline;
  bool operator==(const MigrateStrategy&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "HealthCheck", "health_check", health_check);
    ORCH_FIELD(2, "HealthyDeadline", "healthy_deadline", healthy_deadline);
    ORCH_FIELD(3, "MaxParallel", "max_parallel", max_parallel);
    ORCH_FIELD(4, "MinHealthyTime", "min_healthy_time", min_healthy_time);
  }
};

struct EphemeralDisk {
  bool migrate = false;
  std::int32_t size_mb = 300;
  bool sticky = false;
  bool operator==(const EphemeralDisk&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Migrate", "migrate", migrate);
    ORCH_FIELD(2, "SizeMB", "size", size_mb);
    ORCH_FIELD(3, "Sticky", "sticky", sticky);
  }
};

/// One port of a network block. `value` is the host port (0: the scheduler picks one), `to` the port inside.
struct Port {
  std::string label;
  std::int32_t to = 0;
  std::int32_t value = 0;
  bool operator==(const Port&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Label", "", label);
    ORCH_FIELD(2, "To", "to", to);
    ORCH_FIELD(3, "Value", "static", value);
  }
};

struct NetworkResource {
  std::string cidr, device, ip, mode;
  std::int32_t mbits = 10;
  std::vector<Port> dynamic_ports, reserved_ports;
  bool operator==(const NetworkResource&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "CIDR", "", cidr);
    ORCH_FIELD(2, "Device", "", device);
    ORCH_FIELD(3, "DynamicPorts", "", dynamic_ports);
    ORCH_FIELD(4, "IP", "", ip);
    ORCH_FIELD(5, "MBits", "mbits", mbits);
    ORCH_FIELD(6, "Mode", "mode", mode);
    ORCH_FIELD(7, "ReservedPorts", "", reserved_ports);
  }
};

struct RequestedDevice {
  std::string name;
  std::int64_t count = 1;
  std::vector<Constraint> constraints;
  std::vector<Affinity> affinities;
  bool operator==(const RequestedDevice&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Affinities", "affinity", affinities);
    ORCH_FIELD(2, "Constraints", "constraint", constraints);
    ORCH_FIELD(3, "Count", "count", count);
    ORCH_FIELD(4, "Name", "", name);
  }
};

struct Resources {
  std::int32_t cpu = 100;        // MHz
  std::int32_t disk_mb = 0;      // only the sum of a group's disk is asked for, by ephemeral_disk
  std::int32_t iops = 0;
  std::int32_t memory_mb = 300;  // MiB
  std::vector<NetworkResource> networks;
  std::vector<RequestedDevice> devices;
  bool operator==(const Resources&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "CPU", "cpu", cpu);
    ORCH_FIELD(2, "Devices", "device", devices);
    ORCH_FIELD(3, "DiskMB", "disk", disk_mb);
    ORCH_FIELD(4, "IOPS", "iops", iops);
    ORCH_FIELD(5, "MemoryMB", "memory", memory_mb);
    ORCH_FIELD(6, "Networks", "network", networks);
  }
};

struct CheckRestart {
  std::int32_t limit = 0;
  std::optional<Duration> grace;
  bool ignore_warnings = false;
  bool operator==(const CheckRestart&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Grace", "grace", grace);
    ORCH_FIELD(2, "IgnoreWarnings", "ignore_warnings", ignore_warnings);
    ORCH_FIELD(3, "Limit", "limit", limit);
  }
};

struct ServiceCheck {
  std::string address_mode;
  StringList args;
  std::optional<CheckRestart> check_restart;
  std::string command, grpc_service;
  bool grpc_use_tls = false;
  std::map<std::string, StringList> header;
  std::string initial_status;
  Duration interval;
  std::string method, name, path, port_label, protocol;
  bool tls_skip_verify = false;
  Duration timeout;
  std::string type;  // tcp, http, script, grpc
  bool operator==(const ServiceCheck&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "AddressMode", "address_mode", address_mode);
    ORCH_FIELD(2, "Args", "args", args);
    ORCH_FIELD(3, "CheckRestart", "check_restart", check_restart);
    ORCH_FIELD(4, "Command", "command", command);
    ORCH_FIELD(5, "GRPCService", "grpc_service", grpc_service);
    ORCH_FIELD(6, "GRPCUseTLS", "grpc_use_tls", grpc_use_tls);
    ORCH_FIELD(7, "Header", "header", header);
    ORCH_FIELD(8, "InitialStatus", "initial_status", initial_status);
    ORCH_FIELD(9, "Interval", "interval", interval);
    ORCH_FIELD(10, "Method", "method", method);
    ORCH_FIELD(11, "Name", "name", name);
    ORCH_FIELD(12, "Path", "path", path);
    ORCH_FIELD(13, "PortLabel", "port", port_label);
    ORCH_FIELD(14, "Protocol", "protocol", protocol);
    ORCH_FIELD(15, "TLSSkipVerify", "tls_skip_verify", tls_skip_verify);
    ORCH_FIELD(16, "Timeout", "timeout", timeout);
    ORCH_FIELD(17, "Type", "type", type);
  }
};

struct Service {
  std::string address_mode = "auto";
  StringList canary_tags;
  std::vector<ServiceCheck> checks;
  StringMap meta;
  std::string name, port_label, provider;
  StringList tags;
  std::string task_name;
  bool operator==(const Service&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "AddressMode", "address_mode", address_mode);
    ORCH_FIELD(2, "CanaryTags", "canary_tags", canary_tags);
    ORCH_FIELD(3, "Checks", "check", checks);
    ORCH_FIELD(4, "Meta", "meta", meta);
    ORCH_FIELD(5, "Name", "name", name);
    ORCH_FIELD(6, "PortLabel", "port", port_label);
    ORCH_FIELD(7, "Provider", "provider", provider);
    ORCH_FIELD(8, "Tags", "tags", tags);
    ORCH_FIELD(9, "TaskName", "task", task_name);
  }
};

struct Artifact {
  std::string source, destination, mode;
  StringMap options;
  bool operator==(const Artifact&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "GetterMode", "mode", mode);
    ORCH_FIELD(2, "GetterOptions", "options", options);
    ORCH_FIELD(3, "GetterSource", "source", source);
    ORCH_FIELD(4, "RelativeDest", "destination", destination);
  }
};

struct Template {
  std::string change_mode = "restart", change_signal, dest_path, embedded;
  bool envvars = false;
  std::string left_delim = "{{", perms = "0644", right_delim = "}}", source_path;
  Duration splay = seconds(5), vault_grace = seconds(15);
  bool operator==(const Template&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "ChangeMode", "change_mode", change_mode);
    ORCH_FIELD(2, "ChangeSignal", "change_signal", change_signal);
    ORCH_FIELD(3, "DestPath", "destination", dest_path);
    ORCH_FIELD(4, "EmbeddedTmpl", "data", embedded);
    ORCH_FIELD(5, "Envvars", "env", envvars);
    ORCH_FIELD(6, "LeftDelim", "left_delimiter", left_delim);
    ORCH_FIELD(7, "Perms", "perms", perms);
    ORCH_FIELD(8, "RightDelim", "right_delimiter", right_delim);
    ORCH_FIELD(9, "SourcePath", "source", source_path);
    ORCH_FIELD(10, "Splay", "splay", splay);
    ORCH_FIELD(11, "VaultGrace", "vault_grace", vault_grace);
  }
};

struct LogConfig {
  std::int32_t max_file_size_mb = 10, max_files = 10;
  bool operator==(const LogConfig&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "MaxFileSizeMB", "max_file_size", max_file_size_mb);
    ORCH_FIELD(2, "MaxFiles", "max_files", max_files);
  }
};

struct Vault {
  std::string change_mode = "restart", change_signal;
  bool env = true;
  StringList policies;
  bool operator==(const Vault&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "ChangeMode", "change_mode", change_mode);
    ORCH_FIELD(2, "ChangeSignal", "change_signal", change_signal);
    ORCH_FIELD(3, "Env", "env", env);
    ORCH_FIELD(4, "Policies", "policies", policies);
  }
};

struct DispatchPayload {
  std::string file;
  bool operator==(const DispatchPayload&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "File", "file", file);
  }
};

struct Task {
  std::vector<Affinity> affinities;
  std::vector<Artifact> artifacts;
  Value::Map config;
  std::vector<Constraint> constraints;
  std::optional<DispatchPayload> dispatch_payload;
  std::string driver;
  StringMap env;
  std::string kill_signal;
  Duration kill_timeout = seconds(5);
  bool leader = false;
  LogConfig log_config;
  StringMap meta;
  std::string name;
  Resources resources;
  std::vector<Service> services;
  Duration shutdown_delay;
  std::vector<Template> templates;
  std::string user;
  std::optional<Vault> vault;
  bool operator==(const Task&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Affinities", "affinity", affinities);
    ORCH_FIELD(2, "Artifacts", "artifact", artifacts);
    ORCH_FIELD(3, "Config", "config", config);
    ORCH_FIELD(4, "Constraints", "constraint", constraints);
    ORCH_FIELD(5, "DispatchPayload", "dispatch_payload", dispatch_payload);
    ORCH_FIELD(6, "Driver", "driver", driver);
    ORCH_FIELD(7, "Env", "env", env);
    ORCH_FIELD(8, "KillSignal", "kill_signal", kill_signal);
    ORCH_FIELD(9, "KillTimeout", "kill_timeout", kill_timeout);
    ORCH_FIELD(10, "Leader", "leader", leader);
    ORCH_FIELD(11, "LogConfig", "logs", log_config);
    ORCH_FIELD(12, "Meta", "meta", meta);
    ORCH_FIELD(13, "Name", "", name);
    ORCH_FIELD(14, "Resources", "resources", resources);
    ORCH_FIELD(15, "Services", "service", services);
    ORCH_FIELD(16, "ShutdownDelay", "shutdown_delay", shutdown_delay);
    ORCH_FIELD(17, "Templates", "template", templates);
    ORCH_FIELD(18, "User", "user", user);
    ORCH_FIELD(19, "Vault", "vault", vault);
  }
};

struct TaskGroup {
  std::vector<Affinity> affinities;
  std::vector<Constraint> constraints;
  std::int32_t count = 1;
  EphemeralDisk ephemeral_disk;
  StringMap meta;
  std::optional<MigrateStrategy> migrate;
  std::string name;
  std::vector<NetworkResource> networks;
  std::optional<ReschedulePolicy> reschedule;
  std::optional<RestartPolicy> restart;
  std::vector<Service> services;
  std::vector<Spread> spreads;
  std::vector<Task> tasks;
  std::optional<UpdateStrategy> update;
  std::optional<Vault> vault;
  bool operator==(const TaskGroup&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Affinities", "affinity", affinities);
    ORCH_FIELD(2, "Constraints", "constraint", constraints);
    ORCH_FIELD(3, "Count", "count", count);
    ORCH_FIELD(4, "EphemeralDisk", "ephemeral_disk", ephemeral_disk);
    ORCH_FIELD(5, "Meta", "meta", meta);
    ORCH_FIELD(6, "Migrate", "migrate", migrate);
    ORCH_FIELD(7, "Name", "", name);
    ORCH_FIELD(8, "Networks", "network", networks);
    ORCH_FIELD(9, "ReschedulePolicy", "reschedule", reschedule);
    ORCH_FIELD(10, "RestartPolicy", "restart", restart);
    ORCH_FIELD(11, "Services", "service", services);
    ORCH_FIELD(12, "Spreads", "spread", spreads);
    ORCH_FIELD(13, "Tasks", "task", tasks);
    ORCH_FIELD(14, "Update", "update", update);
  }
};

struct Periodic {
  bool enabled = true;
  bool prohibit_overlap = false;
  std::string spec, spec_type = "cron", time_zone = "UTC";
  bool operator==(const Periodic&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Enabled", "enabled", enabled);
    ORCH_FIELD(2, "ProhibitOverlap", "prohibit_overlap", prohibit_overlap);
    ORCH_FIELD(3, "Spec", "cron", spec);
    ORCH_FIELD(4, "SpecType", "", spec_type);
    ORCH_FIELD(5, "TimeZone", "time_zone", time_zone);
  }
};

struct Parameterized {
  StringList meta_optional, meta_required;
  std::string payload = "optional";
  bool operator==(const Parameterized&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "MetaOptional", "meta_optional", meta_optional);
    ORCH_FIELD(2, "MetaRequired", "meta_required", meta_required);
    ORCH_FIELD(3, "Payload", "payload", payload);
  }
};

/// What the user says. What the cluster adds (status, version, indexes) is not part of it: see reducer/state.h.
struct Job {
  std::vector<Affinity> affinities;
  bool all_at_once = false;
  std::vector<Constraint> constraints;
  StringList datacenters;
  std::string id;
  StringMap meta;
  std::optional<MigrateStrategy> migrate;
  std::string name, namespace_name = "default";
  std::optional<Parameterized> parameterized;
  std::string parent_id;
  std::optional<Periodic> periodic;
  std::int32_t priority = 50;
  std::string region = "global";
  std::optional<ReschedulePolicy> reschedule;
  std::vector<Spread> spreads;
  std::vector<TaskGroup> task_groups;
  std::string type = "service";
  std::optional<UpdateStrategy> update;
  std::string vault_token;
  bool operator==(const Job&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Affinities", "affinity", affinities);
    ORCH_FIELD(2, "AllAtOnce", "all_at_once", all_at_once);
    ORCH_FIELD(3, "Constraints", "constraint", constraints);
    ORCH_FIELD(4, "Datacenters", "datacenters", datacenters);
    ORCH_FIELD(5, "ID", "id", id);
    ORCH_FIELD(6, "Meta", "meta", meta);
    ORCH_FIELD(7, "Migrate", "migrate", migrate);
    ORCH_FIELD(8, "Name", "name", name);
    ORCH_FIELD(9, "Namespace", "namespace", namespace_name);
    ORCH_FIELD(10, "ParameterizedJob", "parameterized", parameterized);
    ORCH_FIELD(11, "ParentID", "", parent_id);
    ORCH_FIELD(12, "Periodic", "periodic", periodic);
    ORCH_FIELD(13, "Priority", "priority", priority);
    ORCH_FIELD(14, "Region", "region", region);
    ORCH_FIELD(15, "Reschedule", "reschedule", reschedule);
    ORCH_FIELD(16, "Spreads", "spread", spreads);
    ORCH_FIELD(17, "TaskGroups", "group", task_groups);
    ORCH_FIELD(18, "Type", "type", type);
    ORCH_FIELD(19, "Update", "update", update);
    ORCH_FIELD(20, "VaultToken", "vault_token", vault_token);
  }
};

}  // namespace orch
