// What the engine is asked to create, and what is refused before it is asked.
#include "drivers/task/docker/container_spec.h"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <filesystem>

#include "core/jobspec/driver_config.h"
#include "tests/drivers/node/temp_folder.h"

using namespace orch;
namespace json = boost::json;

namespace {

struct Spec {
  test::TempFolder folder;
  DockerOptions options;
  TaskConfig task;

  Spec() {
    task.alloc_id = "a1";
    task.job_name = "example";
    task.task_name = "redis";
    task.cpu_mhz = 500;
    task.cpu_cores = 0.25;
    task.memory_mb = 256;
    task.alloc_dir = folder.path() + "/a1/alloc";
    task.task_dir = folder.path() + "/a1/redis";
    task.env = {{"NOMAD_ALLOC_ID", "a1"}};
    task.ports = {{"db", "127.0.0.1", 24000, 0}, {"web", "127.0.0.1", 80, 8080}};
    std::filesystem::create_directories(task.alloc_dir);
    std::filesystem::create_directories(task.task_dir + "/local");
  }
  json::value of(Value::Map config) {
    task.config = std::move(config);
    auto made = container_spec(task, "redis:3.2", options);
    REQUIRE_MESSAGE(made, made.error());
    return json::parse(*made);
  }
  std::string refusal(Value::Map config) {
    task.config = std::move(config);
    auto made = container_spec(task, "redis:3.2", options);
    return made ? "accepted" : made.error();
  }
};

json::value J(const char* text) { return json::parse(text); }

}  // namespace

TEST_CASE("a container has the task's folders, ports, limits and labels") {
  Spec spec;
  const json::value body = spec.of({{"port_map", Value::List{Value::Map{{"db", 6379}}}},
                                    {"command", "redis-server"},
                                    {"args", Value::List{"--save", ""}}});
  const json::value& host = body.at("HostConfig");
  CHECK(body.at("Image") == J(R"("redis:3.2")"));
  CHECK(body.at("Cmd") == J(R"(["redis-server","--save",""])"));
  CHECK(body.at("Env") == J(R"(["NOMAD_ALLOC_ID=a1"])"));
  CHECK(body.at("Labels") == J(R"({"orch.alloc_id":"a1","orch.task":"redis","orch.job":"example"})"));
  CHECK(host.at("PortBindings").at("6379/tcp") == J(R"([{"HostIp":"127.0.0.1","HostPort":"24000"}])"));
  CHECK(host.at("PortBindings").at("8080/udp") == J(R"([{"HostIp":"127.0.0.1","HostPort":"80"}])"));
  CHECK(host.at("Memory") == json::value(256 << 20));
  CHECK(host.at("CpuShares") == json::value(500));
  CHECK(host.at("Privileged") == json::value(false));
  CHECK(host.at("Binds").as_array()[1].as_string() == spec.task.task_dir + "/local:/local");
  CHECK(host.at("LogConfig").at("Type") == J(R"("json-file")"));
}

TEST_CASE("each key of the config block reaches the engine") {
  Spec spec;
  const json::value body =
      spec.of({{"hostname", "db1"},
               {"work_dir", "/data"},
               {"entrypoint", Value::List{"/bin/sh"}},
               {"labels", Value::List{Value::Map{{"team", "a"}, {"orch.alloc_id", "other"}}}},
               {"dns_servers", Value::List{"10.0.0.1"}},
               {"dns_search_domains", Value::List{"example"}},
               {"dns_options", Value::List{"ndots:2"}},
               {"extra_hosts", Value::List{"db:10.0.0.2"}},
               {"tty", true},
               {"interactive", "true"},
               {"ulimit", Value::Map{{"nofile", "64:128"}, {"nproc", 10}}},
               {"sysctl", Value::Map{{"net.core.somaxconn", "128"}}},
               {"shm_size", 1048576},
               {"network_mode", "mine"},
               {"network_aliases", Value::List{"db"}},
               {"ipv4_address", "10.1.2.3"},
               {"mac_address", "02:68:b3:29:da:98"},
               {"cap_add", Value::List{"CAP_KILL", "chown"}},
               {"cap_drop", Value::List{"MKNOD"}},
               {"cpu_hard_limit", true},
               {"memory_hard_limit", 512},
               {"logging", Value::Map{{"type", "journald"}, {"config", Value::List{Value::Map{{"tag", "x"}}}}}},
               {"pid_mode", "host"},
               {"storage_opt", Value::Map{{"size", "1G"}}},
               {"readonly_rootfs", true},
               {"init", true},
               {"pids_limit", 99},
               {"group_add", Value::List{"audio"}},
               {"security_opt", Value::List{"no-new-privileges"}}});
  const json::value& host = body.at("HostConfig");
  CHECK(body.at("Hostname") == J(R"("db1")"));
  CHECK(body.at("WorkingDir") == J(R"("/data")"));
  CHECK(body.at("Entrypoint") == J(R"(["/bin/sh"])"));
  CHECK(body.at("Labels").at("team") == J(R"("a")"));
  CHECK(body.at("Labels").at("orch.alloc_id") == J(R"("a1")"));
  CHECK(body.at("Tty") == json::value(true));
  CHECK(body.at("OpenStdin") == json::value(true));
  CHECK(body.at("MacAddress") == J(R"("02:68:b3:29:da:98")"));
  CHECK(body.at("NetworkingConfig") ==
        J(R"({"EndpointsConfig":{"mine":{"Aliases":["db"],"IPAMConfig":{"IPv4Address":"10.1.2.3"}}}})"));
  CHECK(host.at("Dns") == J(R"(["10.0.0.1"])"));
  CHECK(host.at("DnsSearch") == J(R"(["example"])"));
  CHECK(host.at("DnsOptions") == J(R"(["ndots:2"])"));
  CHECK(host.at("ExtraHosts") == J(R"(["db:10.0.0.2"])"));
  CHECK(host.at("Ulimits") == J(R"([{"Name":"nofile","Soft":64,"Hard":128},{"Name":"nproc","Soft":10,"Hard":10}])"));
  CHECK(host.at("Sysctls") == J(R"({"net.core.somaxconn":"128"})"));
  CHECK(host.at("ShmSize") == json::value(1048576));
  CHECK(host.at("NetworkMode") == J(R"("mine")"));
  CHECK(host.at("CapAdd") == J(R"(["KILL","CHOWN"])"));
  CHECK(host.at("CapDrop") == J(R"(["MKNOD"])"));
  CHECK(host.at("CpuPeriod") == json::value(100000));
  CHECK(host.at("CpuQuota") == json::value(25000));
  CHECK(host.at("Memory") == json::value(512 << 20));
  CHECK(host.at("MemoryReservation") == json::value(256 << 20));
  CHECK(host.at("LogConfig") == J(R"({"Type":"journald","Config":{"tag":"x"}})"));
  CHECK(host.at("PidMode") == J(R"("host")"));
  CHECK(host.at("StorageOpt") == J(R"({"size":"1G"})"));
  CHECK(host.at("ReadonlyRootfs") == json::value(true));
  CHECK(host.at("Init") == json::value(true));
  CHECK(host.at("PidsLimit") == json::value(99));
  CHECK(host.at("GroupAdd") == J(R"(["audio"])"));
  CHECK(host.at("SecurityOpt") == J(R"(["no-new-privileges"])"));
}

TEST_CASE("what a node does not allow is refused with the setting's name") {
  Spec spec;
  CHECK(spec.refusal({{"privileged", true}}) ==
        "privileged: Docker privileged mode is disabled on this node (client option \"docker.privileged.enabled\")");
  CHECK(spec.refusal({{"cap_add", Value::List{"NET_ADMIN", "KILL", "sys_admin"}}}) ==
        "cap_add: this node does not allow the capabilities NET_ADMIN, SYS_ADMIN (client option "
        "\"docker.caps.whitelist\")");
  CHECK(spec.refusal({{"cap_add", Value::List{"ALL"}}}).find("docker.caps.whitelist") != std::string::npos);
  CHECK(spec.refusal({{"devices", Value::List{Value::Map{{"host_path", "/dev/null"}}}}})
            .find("docker.privileged.enabled") != std::string::npos);
  spec.options.allow_privileged = true;
  spec.options.allowed_caps = {"ALL"};
  CHECK(spec.of({{"privileged", true}}).at("HostConfig").at("Privileged") == json::value(true));
  CHECK(spec.of({{"cap_add", Value::List{"NET_ADMIN"}}}).at("HostConfig").at("CapAdd") == J(R"(["NET_ADMIN"])"));
  CHECK(spec.of({{"devices", Value::Map{{"host_path", "/dev/null"}}}}).at("HostConfig").at("Devices") ==
        J(R"([{"PathOnHost":"/dev/null","PathInContainer":"/dev/null","CgroupPermissions":"rwm"}])"));
}

TEST_CASE("volumes outside the allocation's folder need the node's consent") {
  Spec spec;
  const auto volumes = [](const char* text) { return Value::Map{{"volumes", Value::List{text}}}; };
  const auto refused = [&](const std::string& source) {
    return "volumes: volumes are not enabled; cannot mount host paths: \"" + source +
           "\" (the client option \"docker.volumes.enabled\" is off on this node)";
  };
  CHECK(spec.of(volumes("local/data:/data:ro")).at("HostConfig").at("Binds").as_array().back().as_string() ==
        spec.task.task_dir + "/local/data:/data:ro");
  CHECK(spec.of(volumes("../alloc/data:/shared")).at("HostConfig").at("Binds").as_array().back().as_string() ==
        spec.task.alloc_dir + "/data:/shared");
  const std::string inside = spec.task.alloc_dir + "/data";
  CHECK(spec.of(volumes((inside + ":/shared").c_str())).at("HostConfig").at("Binds").as_array().back().as_string() ==
        inside + ":/shared");
  CHECK(spec.refusal(volumes("/etc:/etc")) == refused("/etc"));
  CHECK(spec.refusal(volumes("../../other/alloc:/x")) == refused("../../other/alloc"));
  CHECK(spec.refusal(volumes("local/../../../..:/x")) == refused("local/../../../.."));
  // A link that the task has planted before its restart.
  std::filesystem::create_symlink("/etc", spec.task.task_dir + "/local/link");
  CHECK(spec.refusal(volumes("local/link:/x")) == refused("local/link"));
  CHECK(spec.refusal(volumes("local/link/ssh:/x")) == refused("local/link/ssh"));
  CHECK(spec.refusal(volumes("/only")) ==
        "volumes: invalid docker volume: \"/only\"; expected SOURCE:TARGET or SOURCE:TARGET:MODE");
  CHECK(spec.refusal({{"mounts", Value::Map{{"type", "bind"}, {"source", "/etc"}, {"target", "/x"}}}})
            .find("docker.volumes.enabled") != std::string::npos);
  CHECK(spec.refusal({{"mounts", Value::Map{{"source", "data"}, {"target", "/x"}}}}).find("docker.volumes.enabled") !=
        std::string::npos);
  CHECK(spec.refusal({{"volume_driver", "nfs"}, {"volumes", Value::List{"data:/x"}}}).find("docker.volumes.enabled") !=
        std::string::npos);
  CHECK(spec.refusal({{"mount", Value::Map{{"target", "/x"}, {"readonyl", true}}}}) ==
        "mount -> \"readonyl\" is an invalid field; did you mean \"readonly\"?");
  CHECK(spec.of({{"mount",
                  Value::Map{{"type", "tmpfs"}, {"target", "/x"}, {"tmpfs_options", Value::Map{{"size", 4096}}}}}})
            .at("HostConfig")
            .at("Mounts") ==
        J(R"([{"Type":"tmpfs","Target":"/x","ReadOnly":false,"TmpfsOptions":{"SizeBytes":4096}}])"));
  spec.options.volumes_enabled = true;
  CHECK(spec.of(volumes("/etc:/etc")).at("HostConfig").at("Binds").as_array().back() == J(R"("/etc:/etc")"));
  CHECK(spec.of({{"mounts", Value::List{Value::Map{{"source", "data"}, {"target", "/x"}}}}})
            .at("HostConfig")
            .at("Mounts") == J(R"([{"Type":"volume","Target":"/x","ReadOnly":false,"Source":"data"}])"));
}

TEST_CASE("what is malformed is refused with the key's name") {
  Spec spec;
  CHECK(spec.refusal({{"port_map", Value::Map{{"http", 80}}}}) ==
        "port_map: the task's resources have no port \"http\"");
  CHECK(spec.refusal({{"port_map", Value::Map{{"db", 70000}}}}) == "port_map: db: expected a port, got \"70000\"");
  CHECK(spec.refusal({{"ports", Value::List{"http"}}}) == "ports: the group's network has no port \"http\"");
  CHECK(spec.refusal({{"ulimit", Value::Map{{"nofile", "many"}}}}) ==
        "ulimit: malformed limit nofile = \"many\"; expected SOFT:HARD or one number");
  CHECK(spec.refusal({{"memory_hard_limit", 100}}) == "memory_hard_limit must not be less than the task's memory");
  CHECK(spec.refusal({{"cpu_cfs_period", 1}}) == "cpu_cfs_period must be 1000 to 1000000 microseconds");
  CHECK(spec.refusal({{"network_aliases", Value::List{"x"}}}).find("need a network_mode") != std::string::npos);
  CHECK(spec.refusal({{"logging", Value::Map{{"typ", "syslog"}}}}) ==
        "logging -> \"typ\" is an invalid field; did you mean \"type\"?");
}

TEST_CASE("config blocks are checked by the driver's table before a job is taken") {
  using Texts = std::vector<std::string>;
  CHECK(config_errors("docker", {{"image", "redis"}}).empty());
  CHECK(config_errors("docker", {}) == Texts{"field \"image\" is required"});
  CHECK(config_errors("docker", {{"image", "redis"}, {"comand", "x"}}) ==
        Texts{"\"comand\" is an invalid field; did you mean \"command\"?"});
  CHECK(config_errors("docker", {{"image", "redis"}, {"args", "x"}}) ==
        Texts{"field \"args\": expected a list of texts"});
  CHECK(config_errors("docker", {{"image", "redis"}, {"tty", "maybe"}}) ==
        Texts{"field \"tty\": expected true or false"});
  CHECK(config_errors("docker", {{"image", "redis"}, {"shm_size", "big"}}) ==
        Texts{"field \"shm_size\": expected a whole number"});
  CHECK(config_errors("docker", {{"image", "redis"}, {"port_map", "db"}}) ==
        Texts{"field \"port_map\": expected a block of texts"});
  CHECK(config_errors("docker", {{"image", "redis"}, {"load", "redis.tar"}}) ==
        Texts{"field \"load\" is not supported yet"});
  CHECK(config_errors("docker", {{"image", "redis"}, {"load", ""}, {"advertise_ipv6_address", false}}).empty());
  CHECK(config_errors("docker", {{"image", "${meta.image}"}, {"tty", "${meta.tty}"}, {"shm_size", "${meta.size}"}})
            .empty());
  CHECK(config_warnings("docker", {{"image", "redis"}, {"SSL", true}}) ==
        Texts{"config -> SSL is kept but not acted on yet"});
  CHECK(config_errors("raw_exec", {{"command", "/bin/true"}, {"arg", Value::List{}}}) ==
        Texts{"\"arg\" is an invalid field; did you mean \"args\"?"});
  CHECK(config_errors("mock_driver", {{"run_for", "ten"}}) ==
        Texts{"field \"run_for\": expected a duration such as \"5s\""});
  CHECK(config_errors("java", {{"anything", 1}}).empty());
}
