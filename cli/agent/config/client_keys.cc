#include "cli/agent/config/keys.h"

namespace orch::config {
namespace {

void read_reserved(Block& block, AgentOptions::Client& c) {
  for (auto& [key, amount] : {std::pair<const char*, std::int32_t&>{"cpu", c.reserved_cpu},
                              {"memory", c.reserved_memory},
                              {"disk", c.reserved_disk}}) {
    if (block.read(key, amount) && amount < 0) block.wrong(key, "expected a number that isn't negative");
  }
  block.needless({"iops"});
  block.noted({"reserved_ports", "cores"}, "is not acted on yet: keep jobs off these by a constraint");
}

}  // namespace

void read_client(Block& block, AgentOptions& o) {
  AgentOptions::Client& c = o.client;
  block.read("enabled", c.enabled);
  block.read("servers", c.servers);
  block.block("server_join", [&](Block& join) {
    std::vector<std::string> listed;
    for (const char* key : {"start_join", "retry_join"}) {
      if (join.read(key, listed) && !listed.empty()) c.servers = listed;
    }
    join.needless({"retry_max", "retry_interval"});
  });
  block.read("node_class", c.node_class);
  block.read("network_interface", c.network_interface);
  block.read("network_speed", c.network_speed);
  block.read("cpu_total_compute", c.cpu_total);
  block.read("alloc_dir", c.alloc_dir);
  block.read("state_dir", c.state_dir);
  block.read("max_kill_timeout", c.max_kill_timeout);
  block.read("gc_max_allocs", c.gc_max_allocs);
  if (c.gc_max_allocs < 1) block.wrong("gc_max_allocs", "expected a number of at least 1");
  block.read("gc_disk_usage_threshold", c.gc_disk_usage);
  if (!(c.gc_disk_usage > 0 && c.gc_disk_usage <= 100)) {
    block.wrong("gc_disk_usage_threshold", "expected a percentage between 0 and 100");
  }
  block.block("meta", [&](Block& meta) {
    meta.all([&](const std::string& key, const std::string& value) { c.meta[key] = value; });
  });
  block.block("options", [&](Block& options) {
    options.all([&](const std::string& key, const std::string& value) { read_option(key, value, options, o); });
  });
  block.block("reserved", [&](Block& reserved) { read_reserved(reserved, c); });

  block.needless({"no_host_uuid", "stats", "gc_interval", "gc_parallel_destroys", "preferred_address_family"});
  block.noted({"chroot_env",
               "client_min_port",
               "client_max_port",
               "memory_total_mb",
               "disk_total_mb",
               "disk_free_mb",
               "gc_inode_usage_threshold",
               "gc_volumes_on_node_gc",
               "node_pool",
               "host_volume",
               "host_volumes_dir",
               "host_volume_plugin_dir",
               "host_network",
               "min_dynamic_port",
               "max_dynamic_port",
               "reservable_cores",
               "template",
               "artifact",
               "bridge_network_name",
               "bridge_network_subnet",
               "bridge_network_subnet_ipv6",
               "bridge_network_hairpin_mode",
               "cni_path",
               "cni_config_dir",
               "cgroup_parent",
               "nomad_service_discovery",
               "disable_remote_exec",
               "drain_on_shutdown",
               "users",
               "fingerprint",
               "log_file",
               "intro_token",
               "max_kill_timeout_override",
               "common_plugin_dir",
               "alloc_mounts_dir",
               "consul",
               "drivers"});
}

}  // namespace orch::config
