// What an operator may say of a node's task drivers, in both of Nomad's ways: `options { "docker.volumes.enabled" = …
// }` of the client block, and `plugin "docker" { config { … } }`.
//
// Each setting is one key of the first form; the second is translated into it, so messages name one key only. A setting
// that orch does not act on is refused with its name, an unknown one with the nearest known.
#pragma once

#include <expected>
#include <set>
#include <string>

#include "core/base/time.h"
#include "core/model/value.h"

namespace orch {

struct DockerOptions {
  std::string socket = "/var/run/docker.sock";  ///< docker.endpoint
  std::string auth_file;    ///< docker.auth.config: a Docker config.json with credentials by registry
  std::string auth_helper;  ///< docker.auth.helper: NAME of a program docker-credential-NAME that knows credentials
  bool volumes_enabled = false;   ///< docker.volumes.enabled: host folders outside the allocation's own may be mounted
  bool allow_privileged = false;  ///< docker.privileged.enabled: privileged containers, host devices
  /// docker.caps.whitelist: what `cap_add` may name, in upper case without CAP_; "ALL" allows everything.
  std::set<std::string> allowed_caps = {"AUDIT_WRITE", "CHOWN",   "DAC_OVERRIDE",     "FOWNER",    "FSETID",
                                        "KILL",        "MKNOD",   "NET_BIND_SERVICE", "NET_RAW",   "SETFCAP",
                                        "SETGID",      "SETPCAP", "SETUID",           "SYS_CHROOT"};
  Duration pull_silence =
      minutes(2);  ///< docker.pull_activity_timeout: a pull that makes no progress for so long fails
  bool operator==(const DockerOptions&) const = default;
};

struct DriverOptions {
  DockerOptions docker;
  bool raw_exec = false;  ///< driver.raw_exec.enable
  bool mock = false;      ///< driver.mock_driver.enable
  std::set<std::string> only;  ///< driver.whitelist; empty: all
  std::set<std::string> never;  ///< driver.blacklist
  bool operator==(const DriverOptions&) const = default;

  /// One entry of the client's `options`. The error names the key.
  std::expected<void, std::string> set(const std::string& key, const std::string& value);

  /// The `config` block of `plugin "NAME"`.
  std::expected<void, std::string> set_plugin(const std::string& driver, const Value::Map& config);

  /// Is the driver offered on this node?
  bool offers(const std::string& driver) const;
};

/// "CAP_NET_ADMIN" and "net_admin" are "NET_ADMIN".
std::string capability_name(std::string name);

}  // namespace orch
