// Names of images as people write them: "redis", "redis:3.2", "library/redis", "host:port/name:tag", "name@sha256:…".
#pragma once

#include <expected>
#include <string>

namespace orch {

struct ImageName {
  std::string registry;    ///< "docker.io" unless the name begins with a host
  std::string repository;  ///< as written, the host included: "redis", "127.0.0.1:5000/team/redis"
  std::string tag;         ///< "latest" when nothing else was said; empty with a digest
  std::string digest;      ///< "sha256:…" or empty

  /// Also takes the "https://" that Nomad takes. With a digest the tag says nothing and is left out.
  static std::expected<ImageName, std::string> parse(const std::string& text);

  /// "redis:3.2", "redis@sha256:…".
  std::string full() const;
};

}  // namespace orch
