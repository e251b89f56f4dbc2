#include "cli/agent/config/keys.h"

namespace orch::config {
namespace {

void read_addresses(Block& block, AgentOptions& o) {
  block.read("http", o.http_address);
  block.needless({"rpc", "serf"});  // servers and clients speak HTTP only
}

void read_tls(Block& block) {
  block.refused("http", "orch would serve without encryption", "listen on 127.0.0.1 and put a TLS proxy in front");
  block.refused("rpc", "orch would speak without encryption", "keep servers and clients in a trusted network");
  block.refused("verify_https_client", "orch would check no certificate");
  block.needless({"ca_file", "cert_file", "key_file", "verify_server_hostname", "rpc_upgrade_mode", "tls_cipher_suites",
                  "tls_min_version", "tls_prefer_server_cipher_suites"});
}

void read_telemetry(Block& block) {
  block.needless({"prometheus_metrics", "disable_hostname", "use_node_name", "collection_interval",
                  "disable_tagged_metrics", "backwards_compatible_metrics", "filter_default",
                  "in_memory_collection_interval", "in_memory_retention_period"});
  const char* elsewhere = "is not acted on yet: metrics are at /v1/metrics, for Prometheus with ?format=prometheus";
  block.noted({"statsite_address",
               "statsd_address",
               "datadog_address",
               "datadog_tags",
               "prefix_filter",
               "publish_allocation_metrics",
               "publish_node_metrics",
               "disable_dispatched_job_summary_metrics",
               "disable_rpc_rate_metrics_labels",
               "include_alloc_metadata_in_metrics",
               "allowed_metadata_keys_in_metrics",
               "circonus_api_token",
               "circonus_api_app",
               "circonus_api_url",
               "circonus_submission_interval",
               "circonus_submission_url",
               "circonus_check_id",
               "circonus_check_force_metric_activation",
               "circonus_check_instance_id",
               "circonus_check_search_tag",
               "circonus_check_display_name",
               "circonus_check_tags",
               "circonus_broker_id",
               "circonus_broker_select_tag"},
              elsewhere);
}

}  // namespace

void read_agent(Block& top, AgentOptions& o) {
  top.read("region", o.region);
  top.read("datacenter", o.datacenter);
  top.read("name", o.node_name);
  top.read("data_dir", o.data_dir);
  top.read("bind_addr", o.bind);
  if (std::string word; top.read("log_level", word)) {
    o.log_level = known_log_level(word);
    if (o.log_level.empty()) top.wrong("log_level", "expected DEBUG, INFO, WARN or ERROR, got \"" + word + "\"");
  }
  top.block("ports", [&](Block& block) {
    block.port("http", o.http_port);
    block.needless({"rpc", "serf"});
  });
  top.block("addresses", [&](Block& block) { read_addresses(block, o); });
  top.block("advertise", [&](Block& block) {
    block.read("http", o.http_advertise);
    block.needless({"rpc", "serf"});
  });
  top.block("server", [&](Block& block) { read_server(block, o); });
  top.block("client", [&](Block& block) { read_client(block, o); });
  top.named_blocks("plugin", [&](const std::string& name, Block& block) { read_plugin(name, block, o); });
  top.block("telemetry", [](Block& block) { read_telemetry(block); });

  // Whoever sets these counts on being protected by them.
  top.block("acl", [](Block& block) {
    block.refused("enabled", "anybody who reaches the agent may do anything",
                  "listen on 127.0.0.1, or behind a proxy that knows who may enter");
    block.needless({"token_ttl", "policy_ttl", "role_ttl", "replication_token", "token_min_expiration_ttl",
                    "token_max_expiration_ttl"});
  });
  top.block("tls", [](Block& block) { read_tls(block); });

  // Services and checks are orch's own; secrets of jobs will be sealed in the log.
  top.noted({"consul"}, "is not acted on: services and checks have a catalogue of orch's own (orch service list)");
  top.noted({"vault"}, "is not acted on yet: jobs with a vault block are refused");
  top.noted({"http_api_response_headers", "plugin_dir", "enable_syslog", "syslog_facility", "log_json", "log_file",
             "log_include_location", "log_rotate_bytes", "log_rotate_duration", "log_rotate_max_files", "sentinel",
             "limits", "audit", "ui", "rpc", "reporting", "keyring", "users", "eventlog"});
  // A server has no gossip pool to leave and no peers to be cleaned up; nothing is sent to anybody.
  top.needless({"leave_on_interrupt", "leave_on_terminate", "enable_debug", "disable_update_check",
                "disable_anonymous_signature", "autopilot"});
}

}  // namespace orch::config
