#include "cli/agent/config/keys.h"

namespace orch::config {

void read_server(Block& block, AgentOptions& o) {
  block.read("enabled", o.server.enabled);
  block.read("heartbeat_grace", o.server.heartbeat_grace);
  if (block.read("min_heartbeat_ttl", o.server.heartbeat_ttl) && o.server.heartbeat_ttl < seconds(1)) {
    block.wrong("min_heartbeat_ttl", "a node needs at least 1s between two heartbeats");
  }
  if (o.server.heartbeat_grace < seconds(0)) block.wrong("heartbeat_grace", "expected a duration that isn't negative");
  if (o.server.heartbeat_ttl > heartbeat_max) block.wrong("min_heartbeat_ttl", "expected a year (8760h) at most");
  if (o.server.heartbeat_grace > heartbeat_max) block.wrong("heartbeat_grace", "expected a year (8760h) at most");

  // Servers of one cluster share a log; several of them without that would be several clusters.
  const std::string alone = "the embedded log has one server";
  block.refused("bootstrap_expect", alone, "run one server with bootstrap_expect = 1 or without it", 1);
  const std::string no_join = alone + ", and it joins nobody";
  block.refused("start_join", no_join);
  block.refused("retry_join", no_join);
  block.block("server_join", [&](Block& join) {
    join.refused("start_join", no_join);
    join.refused("retry_join", no_join);
    join.needless({"retry_max", "retry_interval"});
  });
  block.refused("encrypt", "there is no gossip to encrypt, and HTTP between servers and clients is in clear",
                "keep servers and clients in a trusted network");
  block.refused("authoritative_region", "regions are not joined");

  block.needless({"num_schedulers", "protocol_version", "raft_protocol", "raft_multiplier", "raft_boltdb",
                  "raft_logstore", "retry_max", "retry_interval", "rejoin_after_leave", "max_heartbeats_per_second",
                  "upgrade_version", "failover_heartbeat_ttl"});
  block.noted({"data_dir",
               "enabled_schedulers",
               "non_voting_server",
               "redundancy_zone",
               "default_scheduler_config",
               "plan_rejection_tracker",
               "search",
               "license_path",
               "license_env",
               "enable_event_broker",
               "event_buffer_size",
               "deployment_query_rate_limit",
               "job_default_priority",
               "job_max_priority",
               "job_max_count",
               "job_max_source_size",
               "job_tracked_versions",
               "root_key_gc_interval",
               "root_key_gc_threshold",
               "root_key_rotation_threshold",
               "oidc_issuer",
               "start_timeout",
               "client_introduction"});
  block.noted({"node_gc_threshold", "node_gc_interval", "job_gc_threshold", "job_gc_interval", "eval_gc_threshold",
               "batch_eval_gc_threshold", "deployment_gc_threshold", "csi_volume_claim_gc_interval",
               "csi_volume_claim_gc_threshold", "csi_plugin_gc_threshold", "acl_token_gc_threshold"},
              "is not acted on yet: nothing is collected, what has ended stays in the history");
}

}  // namespace orch::config
