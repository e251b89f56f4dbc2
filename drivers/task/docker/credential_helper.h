// Programs that know credentials for registries, by Docker's protocol: `docker-credential-NAME get`, the registry on
// its standard input, JSON with Username and Secret on its output.
#pragma once

#include <expected>
#include <string>

#include "drivers/task/docker/registry_auth.h"

namespace orch {

/// Empty credentials when the program knows none. `helper` is the name after "docker-credential-".
std::expected<RegistryAuth, std::string> ask_credential_helper(const std::string& helper, const std::string& registry);

}  // namespace orch
