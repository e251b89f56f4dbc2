#include "drivers/task/driver_options.h"

#include <doctest/doctest.h>

#include "drivers/task/registry.h"

using namespace orch;

TEST_CASE("options are taken in both of Nomad's ways") {
  DriverOptions o;
  CHECK_FALSE(o.docker.volumes_enabled);
  CHECK_FALSE(o.docker.allow_privileged);
  CHECK_FALSE(o.raw_exec);
  CHECK(o.set("docker.volumes.enabled", "true"));
  CHECK(o.set("docker.endpoint", "unix:///run/other.sock"));
  CHECK(o.set("docker.caps.whitelist", "net_admin, CAP_KILL"));
  CHECK(o.set("docker.auth.config", "/etc/docker.json"));
  CHECK(o.set("driver.raw_exec.enable", "1"));
  CHECK(o.docker.volumes_enabled);
  CHECK(o.docker.socket == "/run/other.sock");
  CHECK(o.docker.allowed_caps == std::set<std::string>{"NET_ADMIN", "KILL"});
  CHECK(o.raw_exec);

  DriverOptions p;
  CHECK(p.set_plugin("docker", {{"allow_privileged", true},
                                {"allow_caps", Value::List{"ALL"}},
                                {"volumes", Value::Map{{"enabled", true}}},
                                {"auth", Value::List{Value::Map{{"config", "/c.json"}, {"helper", "pass"}}}},
                                {"pull_activity_timeout", "30s"}}));
  CHECK(p.set_plugin("raw_exec", {{"enabled", true}}));
  CHECK(p.docker.allow_privileged);
  CHECK(p.docker.allowed_caps == std::set<std::string>{"ALL"});
  CHECK(p.docker.volumes_enabled);
  CHECK(p.docker.auth_file == "/c.json");
  CHECK(p.docker.auth_helper == "pass");
  CHECK(p.docker.pull_silence == seconds(30));
  CHECK(p.raw_exec);
}

TEST_CASE("what is unknown or not acted on is refused with its name") {
  DriverOptions o;
  CHECK(o.set("docker.volume.enabled", "true").error() ==
        "unknown driver option \"docker.volume.enabled\"; did you mean \"docker.volumes.enabled\"?");
  CHECK(o.set("docker.volumes.enabled", "yes").error() ==
        "driver option \"docker.volumes.enabled\": expected true or false, got \"yes\"");
  CHECK(o.set("docker.endpoint", "tcp://10.0.0.1:2375").error().find("only an engine on this machine is supported") !=
        std::string::npos);
  CHECK(o.set("docker.tls.ca", "/ca.pem").error() == "driver option \"docker.tls.ca\": is not supported yet");
  CHECK(o.set("docker.cleanup.image", "true").error() ==
        "driver option \"docker.cleanup.image\": is not supported yet; \"false\" is what orch does");
  CHECK(o.set("docker.cleanup.image", "false"));
  CHECK(o.set_plugin("docker", {{"volumes", Value::Map{{"enable", true}}}}).error() ==
        "plugin \"docker\" -> config -> volumes.enable: unknown driver option \"docker.volumes.enable\"; did you mean "
        "\"docker.volumes.enabled\"?");
}

TEST_CASE("a node offers what its lists leave") {
  DriverOptions o{.mock = true};
  CHECK(o.set("driver.blacklist", "docker"));
  const auto names = [](const DriverOptions& options) {
    const DriverRegistry registry = DriverRegistry::with_defaults(options);
    std::string all;
    for (TaskDriver* driver : registry.all()) all += driver->name() + " ";
    return all;
  };
  CHECK(names(o) == "mock_driver raw_exec ");
  CHECK(o.set("driver.whitelist", "raw_exec,docker"));
  CHECK(names(o) == "raw_exec ");
}
