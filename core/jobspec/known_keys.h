// Which words a block knows beyond its field table: keys that the decoder reads by itself, and keys of later Nomad
// versions, which are refused by name instead of being called misspelt.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "core/model/job.h"

namespace orch::syntax {

using Words = std::vector<std::string>;

/// Keys that stand for a member under another name; offered as hints.
template <class T>
const Words& extra_keys() {
  static const Words words = [] {
    if constexpr (std::is_same_v<T, Job>) return Words{"task", "vault"};
    if constexpr (std::is_same_v<T, TaskGroup>) return Words{"vault"};
    if constexpr (std::is_same_v<T, NetworkResource>) return Words{"port"};
    if constexpr (std::is_same_v<T, Service>) return Words{"check_restart"};
    if constexpr (std::is_same_v<T, Constraint> || std::is_same_v<T, Affinity>) {
      return Words{"distinct_hosts",   "distinct_property", "is_set",       "is_not_set",      "regexp",
                   "semver",           "set_contains",      "set_contains_all", "set_contains_any", "version"};
    }
    return Words{};
  }();
  return words;
}

/// Keys that Nomad 0.10 and later know.
template <class T>
const Words& later_keys() {
  static const Words words = [] {
    if constexpr (std::is_same_v<T, Job>) return Words{"node_pool", "consul_token", "multiregion", "ui"};
    if constexpr (std::is_same_v<T, TaskGroup>) {
      return Words{"volume",
                   "scaling",
                   "consul",
                   "disconnect",
                   "stop_after_client_disconnect",
                   "max_client_disconnect",
                   "max_run_duration",
                   "shutdown_delay",
                   "prevent_reschedule_on_lost"};
    }
    if constexpr (std::is_same_v<T, Task>) {
      return Words{"lifecycle", "volume_mount", "csi_plugin", "restart",  "scaling", "identity",
                   "action",    "consul",       "schedule",   "secret",   "kind"};
    }
    if constexpr (std::is_same_v<T, Resources>) return Words{"cores", "memory_max", "numa", "secrets"};
    if constexpr (std::is_same_v<T, NetworkResource>) return Words{"dns", "hostname", "cni"};
    if constexpr (std::is_same_v<T, Port>) return Words{"host_network", "ignore_collision"};
    if constexpr (std::is_same_v<T, Service>) {
      return Words{"connect", "canary_meta", "enable_tag_override", "on_update", "address", "tagged_addresses",
                   "identity", "cluster",    "weights",             "kind"};
    }
    if constexpr (std::is_same_v<T, ServiceCheck>) {
      return Words{"body",
                   "tls_server_name",
                   "task",
                   "expose",
                   "on_update",
                   "success_before_passing",
                   "failures_before_critical",
                   "failures_before_warning",
                   "notes"};
    }
    if constexpr (std::is_same_v<T, Template>)
      return Words{"wait", "uid", "gid", "error_on_missing_key", "once", "change_script"};
    if constexpr (std::is_same_v<T, Artifact>) return Words{"headers", "insecure", "chown"};
    if constexpr (std::is_same_v<T, LogConfig>) return Words{"disabled"};
    if constexpr (std::is_same_v<T, RestartPolicy>) return Words{"render_templates"};
    if constexpr (std::is_same_v<T, Periodic>) return Words{"crons"};
    if constexpr (std::is_same_v<T, Vault>)
      return Words{"namespace", "disable_file", "role", "cluster", "allow_token_expiration"};
    return Words{};
  }();
  return words;
}

/// Blocks of which several are one list or one map; anything else stands once in its block.
template <class T>
inline constexpr bool repeats = false;
template <HasFields T>
inline constexpr bool repeats<std::vector<T>> = true;
template <class T>
inline constexpr bool repeats<std::map<std::string, T>> = true;

}  // namespace orch::syntax
