#include "drivers/task/docker/registry_auth.h"

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "drivers/crypto/base64.h"
#include "drivers/task/config_reader.h"
#include "drivers/task/docker/credential_helper.h"

namespace orch {
namespace {

namespace json = boost::json;

constexpr char hub_key[] = "https://index.docker.io/v1/";

std::string text_of(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// "https://host:port/v2/" is "host:port".
std::string host_of(std::string key) {
  if (const std::size_t scheme = key.find("://"); scheme != std::string::npos) key.erase(0, scheme + 3);
  return key.substr(0, key.find('/'));
}

bool is_hub(const std::string& registry) {
  return registry == "docker.io" || registry == "index.docker.io" || registry == "registry-1.docker.io";
}

std::expected<RegistryAuth, std::string> auth_from_task(const std::vector<Value::Map>& blocks) {
  RegistryAuth auth;
  static const std::vector<std::string> known = {"username", "password", "email", "server_address"};
  for (const Value::Map& block : blocks) {
    if (const std::string wrong = unknown_member(block, known); !wrong.empty())
      return std::unexpected("auth -> " + wrong);
    auth.username = config_text(block, "username", auth.username);
    auth.password = config_text(block, "password", auth.password);
    auth.email = config_text(block, "email", auth.email);
    auth.server = config_text(block, "server_address", auth.server);
  }
  return auth;
}

}  // namespace

std::string RegistryAuth::header() const {
  if (is_empty()) return "";
  json::object body;
  if (!identity_token.empty()) {
    body["identitytoken"] = identity_token;
  } else {
    body["username"] = username;
    body["password"] = password;
    if (!email.empty()) body["email"] = email;
  }
  if (!server.empty()) body["serveraddress"] = server;
  return base64url(json::serialize(body));
}

std::expected<RegistryAuth, std::string> auth_from_config(const std::string& text, const std::string& registry) {
  json::error_code error;
  const json::value parsed = json::parse(text, error);
  const json::object* top = error ? nullptr : parsed.if_object();
  if (top == nullptr) return std::unexpected("expected a JSON object");
  const json::value* auths = top->if_contains("auths");
  // Before "auths" there was the map itself.
  const json::object* entries = auths != nullptr ? auths->if_object() : top;
  if (entries == nullptr) return std::unexpected("auths: expected an object");
  for (const auto& [key, value] : *entries) {
    const json::object* entry = value.if_object();
    const std::string host = host_of(std::string(key));
    if (entry == nullptr || !(host == registry || (is_hub(host) && is_hub(registry)))) continue;
    RegistryAuth auth{.username = text_of(*entry, "username"),
                      .password = text_of(*entry, "password"),
                      .email = text_of(*entry, "email"),
                      .server = std::string(key),
                      .identity_token = text_of(*entry, "identitytoken")};
    if (const std::string encoded = text_of(*entry, "auth"); !encoded.empty()) {
      const std::string pair = from_base64(encoded).value_or("");
      const std::size_t colon = pair.find(':');
      if (colon == std::string::npos)
        return std::unexpected("auths -> " + std::string(key) + " -> auth: expected base64 of USER:PASSWORD");
      auth.username = pair.substr(0, colon);
      auth.password = pair.substr(colon + 1);
    }
    if (!auth.is_empty()) return auth;
  }
  return RegistryAuth{};
}

std::expected<RegistryAuth, std::string> find_auth(const ImageName& image, const Value::Map& config,
                                                   const DockerOptions& options) {
  const bool soft = config_truth(config, "auth_soft_fail");
  const auto failed = [&](const std::string& source,
                          const std::string& why) -> std::expected<RegistryAuth, std::string> {
    if (soft) return RegistryAuth{};
    return std::unexpected("credentials for " + image.registry + ": " + source + ": " + why);
  };
  auto own = auth_from_task(config_blocks(config, "auth"));
  if (!own) return std::unexpected(own.error());
  if (!own->is_empty()) {
    if (own->server.empty()) own->server = image.registry;
    return own;
  }
  if (!options.auth_file.empty()) {
    std::ifstream file(options.auth_file);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return failed("docker.auth.config", "cannot read " + options.auth_file);
    auto found = auth_from_config(text.str(), image.registry);
    if (!found) return failed("docker.auth.config", options.auth_file + ": " + found.error());
    if (!found->is_empty()) return found;
  }
  if (!options.auth_helper.empty()) {
    auto found = ask_credential_helper(options.auth_helper, is_hub(image.registry) ? hub_key : image.registry);
    if (!found) return failed("docker.auth.helper", found.error());
    return found;
  }
  return RegistryAuth{};
}

}  // namespace orch
