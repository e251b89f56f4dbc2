// Credentials for a registry: from the task's `auth` block, else the agent's config.json (docker.auth.config), else the
// agent's helper program (docker.auth.helper).
#pragma once

#include <expected>
#include <string>

#include "core/model/value.h"
#include "drivers/task/docker/image_name.h"
#include "drivers/task/driver_options.h"

namespace orch {

struct RegistryAuth {
  std::string username, password, email, server, identity_token;

  bool is_empty() const { return username.empty() && password.empty() && identity_token.empty(); }
  /// Value of X-Registry-Auth; empty without credentials.
  std::string header() const;
};

/// Empty credentials when nobody knows any. An error is about a source that can't be read; `auth_soft_fail` in the
/// task's config turns it into empty credentials. Reads files and may run the helper.
std::expected<RegistryAuth, std::string> find_auth(const ImageName& image, const Value::Map& config,
                                                   const DockerOptions& options);

/// What a Docker config.json says of a registry.
std::expected<RegistryAuth, std::string> auth_from_config(const std::string& json, const std::string& registry);

}  // namespace orch
