#include "cli/agent/config/config_json.h"

#include <boost/json.hpp>

#include "cli/agent/own_address.h"
#include "cli/version.h"
#include "core/base/duration_text.h"

namespace orch::config {
namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& list) {
  json::array made;
  for (const std::string& text : list) made.push_back(json::string(text));
  return made;
}

json::object texts(const std::map<std::string, std::string>& map) {
  json::object made;
  for (const auto& [key, value] : map) made[key] = value;
  return made;
}

// Nobody is joined: servers share a log.
json::object no_join() {
  return {
      {"RetryInterval", seconds(30).ns}, {"RetryJoin", json::array{}}, {"RetryMaxAttempts", 0}, {"StartJoin", nullptr}};
}

json::object client(const AgentOptions::Client& c) {
  return {{"AllocDir", c.alloc_dir},
          {"ChrootEnv", json::object{}},
          {"ClientMaxPort", 14512},
          {"ClientMinPort", 14000},
          {"CpuCompute", c.cpu_total},
          {"Enabled", c.enabled},
          {"GCDiskUsageThreshold", c.gc_disk_usage},
          {"GCInodeUsageThreshold", 100.0},
          {"GCInterval", minutes(1).ns},
          {"GCMaxAllocs", c.gc_max_allocs},
          {"GCParallelDestroys", 2},
          {"MaxKillTimeout", duration_text(c.max_kill_timeout)},
          {"MemoryMB", 0},
          {"Meta", texts(c.meta)},
          {"NetworkInterface", c.network_interface},
          {"NetworkSpeed", c.network_speed},
          {"NoHostUUID", true},
          {"NodeClass", c.node_class},
          {"Options", texts(c.options)},
          {"Reserved", json::object{{"CPU", c.reserved_cpu},
                                    {"DiskMB", c.reserved_disk},
                                    {"IOPS", 0},
                                    {"MemoryMB", c.reserved_memory},
                                    {"ParsedReservedPorts", nullptr},
                                    {"ReservedPorts", ""}}},
          {"ServerJoin", no_join()},
          {"Servers", c.servers.empty() ? json::value(nullptr) : json::value(texts(c.servers))},
          {"StateDir", c.state_dir}};
}

json::object server(const AgentOptions::Server& s) {
  return {{"AuthoritativeRegion", ""},
          {"BootstrapExpect", s.enabled ? 1 : 0},
          {"DataDir", ""},
          {"DeploymentGCThreshold", ""},
          {"Enabled", s.enabled},
          {"EnabledSchedulers", nullptr},
          {"EvalGCThreshold", ""},
          {"HeartbeatGrace", s.heartbeat_grace.ns},
          {"JobGCThreshold", ""},
          {"MaxHeartbeatsPerSecond", 0.0},
          {"MinHeartbeatTTL", s.heartbeat_ttl.ns},
          {"NodeGCThreshold", ""},
          {"NonVotingServer", false},
          {"NumSchedulers", nullptr},
          {"ProtocolVersion", 0},
          {"RaftProtocol", 0},
          {"RedundancyZone", ""},
          {"RejoinAfterLeave", false},
          {"RetryInterval", 0},
          {"RetryJoin", json::array{}},
          {"RetryMaxAttempts", 0},
          {"ServerJoin", no_join()},
          {"StartJoin", json::array{}},
          {"UpgradeVersion", ""}};
}

json::object consul() {
  return {{"Addr", ""},
          {"Auth", ""},
          {"AutoAdvertise", false},
          {"CAFile", ""},
          {"CertFile", ""},
          {"ChecksUseAdvertise", false},
          {"ClientAutoJoin", false},
          {"ClientHTTPCheckName", ""},
          {"ClientServiceName", ""},
          {"EnableSSL", false},
          {"KeyFile", ""},
          {"ServerAutoJoin", false},
          {"ServerHTTPCheckName", ""},
          {"ServerRPCCheckName", ""},
          {"ServerSerfCheckName", ""},
          {"ServerServiceName", ""},
          {"Timeout", 0},
          {"Token", ""},
          {"VerifySSL", false}};
}

json::object tls() {
  return {{"CAFile", ""},
          {"CertFile", ""},
          {"Checksum", ""},
          {"EnableHTTP", false},
          {"EnableRPC", false},
          {"KeyFile", ""},
          {"KeyLoader", json::object{}},
          {"RPCUpgradeMode", false},
          {"TLSCipherSuites", ""},
          {"TLSMinVersion", ""},
          {"TLSPreferServerCipherSuites", false},
          {"VerifyHTTPSClient", false},
          {"VerifyServerHostname", false}};
}

json::object telemetry() {
  json::object made{{"BackwardsCompatibleMetrics", false},
                    {"CollectionInterval", "1s"},
                    {"DataDogAddr", ""},
                    {"DataDogTags", nullptr},
                    {"DisableDispatchedJobSummaryMetrics", false},
                    {"DisableHostname", false},
                    {"DisableTaggedMetrics", false},
                    {"FilterDefault", nullptr},
                    {"PrefixFilter", nullptr},
                    {"PrometheusMetrics", true},
                    {"PublishAllocationMetrics", false},
                    {"PublishNodeMetrics", false},
                    {"StatsdAddr", ""},
                    {"StatsiteAddr", ""},
                    {"UseNodeName", false}};
  for (const char* key :
       {"APIApp", "APIToken", "APIURL", "BrokerID", "BrokerSelectTag", "CheckDisplayName", "CheckForceMetricActivation",
        "CheckID", "CheckInstanceID", "CheckSearchTag", "CheckSubmissionURL", "CheckTags", "SubmissionInterval"}) {
    made[std::string("Circonus") + key] = "";
  }
  return made;
}

json::object vault() {
  return {{"Addr", ""},
          {"AllowUnauthenticated", false},
          {"ConnectionRetryIntv", 0},
          {"Enabled", false},
          {"Role", ""},
          {"TLSCaFile", ""},
          {"TLSCaPath", ""},
          {"TLSCertFile", ""},
          {"TLSKeyFile", ""},
          {"TLSServerName", ""},
          {"TLSSkipVerify", nullptr},
          {"TaskTokenTTL", ""},
          {"Token", ""}};
}

}  // namespace

std::string config_to_json(const AgentOptions& o, const std::string& advertise, std::uint16_t port) {
  const std::string address = host_port(advertise, port), listen = o.listen_address();
  const json::object all{
      {"ACL", json::object{{"Enabled", false}, {"PolicyTTL", 0}, {"ReplicationToken", ""}, {"TokenTTL", 0}}},
      {"Addresses", json::object{{"HTTP", listen}, {"RPC", listen}, {"Serf", listen}}},
      {"AdvertiseAddrs", json::object{{"HTTP", address}, {"RPC", address}, {"Serf", address}}},
      {"Autopilot", json::object{{"CleanupDeadServers", nullptr},
                                 {"DisableUpgradeMigration", nullptr},
                                 {"EnableCustomUpgrades", nullptr},
                                 {"EnableRedundancyZones", nullptr},
                                 {"LastContactThreshold", 0},
                                 {"MaxTrailingLogs", 0},
                                 {"ServerStabilizationTime", 0}}},
      {"BindAddr", o.bind},
      {"Client", client(o.client)},
      {"Consul", consul()},
      {"DataDir", o.data_dir},
      {"Datacenter", o.datacenter},
      {"DevMode", o.dev},
      {"DisableAnonymousSignature", true},
      {"DisableUpdateCheck", true},
      {"EnableDebug", false},
      {"EnableSyslog", false},
      {"Files", texts(o.config_files)},
      {"HTTPAPIResponseHeaders", json::object{}},
      {"LeaveOnInt", false},
      {"LeaveOnTerm", false},
      {"LogLevel", o.log_level},
      {"NodeName", o.node_name},
      {"Ports", json::object{{"HTTP", port}, {"RPC", port}, {"Serf", port}}},
      {"Region", o.region},
      {"Sentinel", json::object{{"Imports", nullptr}}},
      {"Server", server(o.server)},
      {"SyslogFacility", "LOCAL0"},
      {"TLSConfig", tls()},
      {"Telemetry", telemetry()},
      {"Vault", vault()},
      {"Version",
       json::object{
           {"Revision", ""}, {"Version", version_number}, {"VersionMetadata", ""}, {"VersionPrerelease", ""}}}};
  return json::serialize(all);
}

}  // namespace orch::config
