// Names of images, credentials for their registries, and what is told of a pull.
#include <doctest/doctest.h>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "drivers/task/docker/image_name.h"
#include "drivers/task/docker/pull_progress.h"
#include "drivers/task/docker/registry_auth.h"
#include "tests/drivers/node/temp_folder.h"

using namespace orch;

TEST_CASE("names of images as people write them") {
  const auto parts = [](const std::string& text) {
    const auto name = ImageName::parse(text);
    return name ? name->registry + " " + name->full() : name.error();
  };
  CHECK(parts("redis") == "docker.io redis:latest");
  CHECK(parts("redis:3.2") == "docker.io redis:3.2");
  CHECK(parts("library/redis:3.2") == "docker.io library/redis:3.2");
  CHECK(parts("docker.io/library/redis") == "docker.io docker.io/library/redis:latest");
  CHECK(parts("127.0.0.1:5000/redis") == "127.0.0.1:5000 127.0.0.1:5000/redis:latest");
  CHECK(parts("registry.example:5000/team/redis:1.0-rc.1") ==
        "registry.example:5000 registry.example:5000/team/redis:1.0-rc.1");
  CHECK(parts("localhost/redis:1") == "localhost localhost/redis:1");
  CHECK(parts("https://quay.io/coreos/etcd:v3") == "quay.io quay.io/coreos/etcd:v3");
  const std::string digest = "@sha256:" + std::string(64, 'a');
  CHECK(parts("redis" + digest) == "docker.io redis" + digest);
  CHECK(parts("host:5000/redis:3.2" + digest) == "host:5000 host:5000/redis" + digest);
  for (const char* wrong :
       {"", ":", "redis:", "/redis", "redis/", "a//b", "redis 3", "redis:3 2", "redis\r\nX: y", "redis@",
        "redis@sha256", "redis@sha256:", "re?dis", "../redis", "-redis", "redis:-1", "redis:.1"}) {
    CAPTURE(wrong);
    CHECK(parts(wrong) == "image: \"" + std::string(wrong) + "\" is no valid name of an image");
  }
}

TEST_CASE("credentials come from the task first, then from the agent's file, then from its helper") {
  test::TempFolder folder;
  const auto image = ImageName::parse("127.0.0.1:5000/redis:1").value();
  DockerOptions options;
  CHECK(find_auth(image, {}, options)->is_empty());

  options.auth_file = folder.path() + "/config.json";
  CHECK(find_auth(image, {}, options).error() ==
        "credentials for 127.0.0.1:5000: docker.auth.config: cannot read " + options.auth_file);
  CHECK(find_auth(image, {{"auth_soft_fail", true}}, options)->is_empty());
  // "user:s:cret" in base64
  std::ofstream(options.auth_file)
      << R"({"auths":{"http://127.0.0.1:5000/v2/":{"auth":"dXNlcjpzOmNyZXQ="},)"
      << R"("https://index.docker.io/v1/":{"username":"u","password":"p"}}})";
  auto found = find_auth(image, {}, options);
  CHECK(found->username == "user");
  CHECK(found->password == "s:cret");
  CHECK(find_auth(ImageName::parse("redis").value(), {}, options)->username == "u");
  CHECK(find_auth(ImageName::parse("quay.io/x").value(), {}, options)->is_empty());

  const Value::Map own{{"auth", Value::List{Value::Map{{"username", "me"}, {"password", "mine"}}}}};
  found = find_auth(image, own, options);
  CHECK(found->username == "me");
  CHECK(found->server == "127.0.0.1:5000");
  CHECK(find_auth(image, {{"auth", Value::Map{{"usrname", "me"}}}}, options).error() ==
        "auth -> \"usrname\" is an invalid field; did you mean \"username\"?");
  // base64url of the JSON that the engine reads
  CHECK(RegistryAuth{.username = "a", .password = "b"}.header() == "eyJ1c2VybmFtZSI6ImEiLCJwYXNzd29yZCI6ImIifQ==");
  CHECK(RegistryAuth{}.header().empty());

  std::ofstream(options.auth_file) << "[";
  CHECK(find_auth(image, {}, options).error().find("expected a JSON object") != std::string::npos);
}

TEST_CASE("a helper program is asked by Docker's protocol") {
  test::TempFolder folder;
  const auto helper = [&](const std::string& name, const std::string& script) {
    const std::string path = folder.path() + "/docker-credential-" + name;
    std::ofstream(path) << "#!/bin/sh\n" << script;
    ::chmod(path.c_str(), 0755);
  };
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", (folder.path() + ":" + before).c_str(), 1);
  helper("good", "read host\necho \"{\\\"Username\\\":\\\"$1\\\",\\\"Secret\\\":\\\"$host\\\"}\"\n");
  helper("none", "echo 'credentials not found in native keychain'; exit 1\n");
  helper("bad", "echo 'no keychain'; exit 3\n");
  const auto image = ImageName::parse("127.0.0.1:5000/redis:1").value();
  const auto ask = [&](const std::string& name) {
    DockerOptions options;
    options.auth_helper = name;
    return find_auth(image, {}, options);
  };
  CHECK(ask("good")->username == "get");
  CHECK(ask("good")->password == "127.0.0.1:5000");
  CHECK(ask("none")->is_empty());
  CHECK(ask("bad").error() ==
        "credentials for 127.0.0.1:5000: docker.auth.helper: docker-credential-bad failed: no keychain");
  CHECK(ask("../bad").error().find("must be a name, not a path") != std::string::npos);
  ::setenv("PATH", before.c_str(), 1);
}

TEST_CASE("a pull is summed up over its layers") {
  PullProgress progress;
  CHECK(progress.text().empty());
  progress.take(R"({"status":"Pulling from redis","id":"3.2"})"
                "\n"
                R"({"status":"Pulling fs layer","progressDetail":{},"id":"aaa"})"
                "\n");
  progress.take(R"({"status":"Already exists","progressDetail":{},"id":"bbb"})"
                "\n"
                R"({"status":"Downloading","progressDetail":{"current":1048576,"to)");
  CHECK(progress.text() == "Pulled 1/2 (0.0 MiB/0.0 MiB) layers: 1 waiting/0 pulling");
  progress.take(R"(tal":4194304},"id":"aaa"})" "\n");
  CHECK(progress.text() == "Pulled 1/2 (1.0 MiB/4.0 MiB) layers: 0 waiting/1 pulling");
  progress.take(R"({"status":"Pull complete","id":"aaa"})" "\n");
  CHECK(progress.text() == "Pulled 2/2 (4.0 MiB/4.0 MiB) layers: 0 waiting/0 pulling");
  CHECK(progress.summary() == "1 layer, 4.0 MiB");
  CHECK(progress.error().empty());
  progress.take("not JSON\n[]\n" R"({"errorDetail":{"message":"no space"},"error":"no space"})" "\n");
  CHECK(progress.error() == "no space");
  CHECK(PullProgress().summary() == "it is up to date");
}
