#include "cli/agent/agent.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>

#include "cli/agent/agent_log.h"
#include "cli/agent/config/config_json.h"
#include "cli/agent/data_folder.h"
#include "cli/agent/own_address.h"
#include "cli/agent/own_node.h"
#include "cli/agent/reload.h"
#include "cli/version.h"
#include "core/base/format.h"
#include "drivers/http/api.h"
#include "drivers/http/client_agent.h"
#include "drivers/http/event_streams.h"
#include "drivers/http/forwarder.h"
#include "drivers/http/reply.h"
#include "drivers/log/lmdb/lmdb_log.h"
#include "drivers/node/client.h"
#include "drivers/task/registry.h"
#include "projections/lmdb/table_store.h"

namespace orch {
namespace {

constexpr Duration last_answers = seconds(5);  // how long requests under way may take when the agent stops

std::string host_name() {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  return name;
}

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

struct Agent::Impl {
  explicit Impl(AgentOptions o) : options(std::move(o)), told(options), log(options.log_level) {}

  AgentOptions options;              // with what start has filled in
  AgentOptions told;                 // as it was given, less what a reload found changed and couldn't take over
  mutable std::mutex options_mutex;  // what a reload changes, beside /v1/agent/self
  AgentLog log;
  std::optional<DataFolder> folder;
  std::unique_ptr<Server> server;
  std::unique_ptr<http::EventStreams> streams;
  std::unique_ptr<http::Context> context;
  http::Router router;
  http::AgentFacts facts;
  std::unique_ptr<http::Forwarder> forwarder;
  std::unique_ptr<http::ClientAgent> client_agent;
  std::unique_ptr<net::HttpServer> http_server;
  std::unique_ptr<DriverRegistry> drivers;
  std::unique_ptr<client::Client> client;
  std::unique_ptr<OwnNode> own_node;
  std::atomic<bool> ready = false;
  std::uint16_t port = 0;
  std::string advertise;  // host:port under which others reach this agent

  std::expected<void, std::string> start();
  std::expected<void, std::string> listen();
  std::expected<void, std::string> start_server();
  std::expected<void, std::string> make_client();
  std::string own_address() const;
  std::string first_screen() const;
};

std::expected<void, std::string> Agent::Impl::start() {
  if (options.node_name.empty()) options.node_name = host_name();
  auto taken = DataFolder::take(options.data_dir);
  if (!taken) return std::unexpected(taken.error());
  folder = std::move(*taken);
  options.data_dir = folder->path();
  if (auto listening = listen(); !listening) return listening;
  forwarder = std::make_unique<http::Forwarder>();
  if (options.client.enabled) {
    if (auto made = make_client(); !made) return made;
  }
  if (options.server.enabled) {
    if (auto started = start_server(); !started) return started;
  } else {
    std::vector<net::Endpoint> servers;
    for (const std::string& address : options.client.servers) servers.push_back(*net::Endpoint::parse(address));
    client_agent = std::make_unique<http::ClientAgent>(facts, *own_node, *forwarder, std::move(servers));
  }
  if (!is_loopback(options.listen_address())) {
    log("WARN", "agent: whoever reaches " + host_port(options.listen_address(), port) +
                    " may do anything: there are no ACLs yet");
  }
  ready.store(true, std::memory_order_release);  // from here on the client reaches its own agent
  return client ? client->start() : std::expected<void, std::string>();
}

std::expected<void, std::string> Agent::Impl::listen() {
  auto handler = [this](const net::ServerRequest& request, net::Responder responder) {
    if (!ready.load(std::memory_order_acquire)) return http::send_error(responder, 503, "the agent is starting");
    if (client_agent) return client_agent->handle(request, std::move(responder));
    router.handle(request, std::move(responder));
  };
  http_server = std::make_unique<net::HttpServer>(std::move(handler), net::HttpServer::Limits{}, 2);
  const std::string address = options.listen_address();
  auto bound = http_server->listen(address, options.http_port);
  if (!bound) return std::unexpected(bound.error().message);
  port = *bound;

  std::string host = options.http_advertise;
  std::uint16_t advertised_port = port;
  if (host.empty()) {
    host = reachable_address(address, options.client.network_interface);
  } else if (auto endpoint = net::Endpoint::parse(host); endpoint) {
    host = endpoint->host;
    advertised_port = endpoint->port;
  }
  advertise = host_port(host, advertised_port);
  facts = {.name = options.node_name,
           .region = options.region,
           .datacenter = options.datacenter,
           .bind = host,
           .http_port = advertised_port,
           .server = options.server.enabled,
           .client = options.client.enabled,
           .version = version_number,
           .node_id = {},
           .data_dir = options.data_dir,
           .log_level = options.log_level,
           .dev = options.dev,
           .config = [this, host] {
             std::lock_guard lock(options_mutex);
             return config::config_to_json(options, host, port);
           }};
  return {};
}

std::expected<void, std::string> Agent::Impl::start_server() {
  // Views without the log that they were made from: an empty cluster would tell the nodes to end what they run.
  std::error_code missing;
  const auto log_bytes = std::filesystem::file_size(options.data_dir + "/log/data.mdb", missing);
  if ((missing || log_bytes == 0) && std::filesystem::exists(options.data_dir + "/views/stamp")) {
    return std::unexpected(
        fmt::format("the log in {0}/log is missing or empty, and the views beside it were made from one; restore the "
                    "data folder, or remove {0}/views too to begin a new cluster",
                    options.data_dir));
  }
  auto opened = LmdbLog::open(options.data_dir + "/log");
  if (!opened) return std::unexpected(opened.error().message);
  auto store =
      LmdbTableStore::open(options.data_dir + "/views",
                           {.log_id = (*opened)->id(),
                            .boot_id = first_line("/proc/sys/kernel/random/boot_id"),
                            .log_head = (*opened)->head()});
  if (!store) return std::unexpected(store.error());
  server = std::make_unique<Server>(
      std::move(*opened), std::move(*store),
      Server::Options{.name = options.node_name + "." + options.region,
                      .region = options.region,
                      .heartbeat_ttl = options.server.heartbeat_ttl,
                      .heartbeat_grace = options.server.heartbeat_grace,
                      .snapshots = folder->temporary() ? std::string() : options.data_dir + "/snapshots",
                      .say = [this](std::string_view level, const std::string& text) { log(level, text); }});
  if (auto started = server->start(); !started) return started;
  streams = std::make_unique<http::EventStreams>(*server);
  context = std::make_unique<http::Context>(*server, facts, own_node.get(), streams.get(), forwarder.get());
  http::add_all_routes(router, *context);
  router.show_first([this] { return server->shows_all(); },
                    [this](std::function<void(bool)> callback) { server->when_shown(std::move(callback)); });
  std::ofstream(options.data_dir + "/agent.address") << "http://" << own_address() << "\n";  // for `orch replay`
  return {};
}

// Where the node client finds the server in the same agent.
std::string Agent::Impl::own_address() const {
  const std::string address = options.listen_address();
  return host_port(address == "0.0.0.0" ? "127.0.0.1" : is_any_address(address) ? "::1" : address, port);
}

std::expected<void, std::string> Agent::Impl::make_client() {
  drivers = std::make_unique<DriverRegistry>(DriverRegistry::with_defaults(options.drivers));
  client::ClientOptions c;
  c.data_dir = options.client.state_dir.empty() ? options.data_dir + "/client" : options.client.state_dir;
  c.alloc_dir = options.client.alloc_dir;
  c.servers = options.server.enabled ? std::vector{own_address()} : options.client.servers;
  c.region = options.region;
  c.max_kill_timeout = options.client.max_kill_timeout;
  c.most_ended_allocations = static_cast<std::size_t>(options.client.gc_max_allocs);
  c.most_disk_percent = options.client.gc_disk_usage;
  c.node.name = options.node_name;
  c.node.datacenter = options.datacenter;
  c.node.node_class = options.client.node_class;
  c.node.meta = options.client.meta;
  c.node.http_addr = advertise;
  c.node.network_interface = options.client.network_interface;
  c.node.network_speed = options.client.network_speed;
  c.node.cpu_total = options.client.cpu_total;
  c.node.reserved.cpu = options.client.reserved_cpu;
  c.node.reserved.memory_mb = options.client.reserved_memory;
  c.node.reserved.disk_mb = options.client.reserved_disk;
  c.node.version = version_number;
  c.log = [this](std::string_view level, const std::string& text) { log(level, "client: " + text); };
  auto identity = client::load_identity(c.data_dir);
  if (!identity) return std::unexpected(identity.error());
  facts.node_id = identity->node_id;
  client = std::make_unique<client::Client>(std::move(c), drivers->all());
  own_node = std::make_unique<OwnNode>(*client);
  return {};
}

std::string Agent::Impl::first_screen() const {
  std::string out = "==> orch agent configuration:\n\n";
  auto line = [&](const std::string& name, const std::string& value) {
    if (value.empty()) return;
    out += fmt::format("{:>17}: {}\n", name, value);
  };
  const std::string bound = host_port(options.listen_address(), port);
  std::string names, servers, files;
  if (drivers) {
    for (const TaskDriver* driver : drivers->all()) names += (names.empty() ? "" : ", ") + driver->name();
  }
  for (const std::string& server : options.client.servers) servers += (servers.empty() ? "" : ", ") + server;
  for (const std::string& file : options.config_files) files += (files.empty() ? "" : ", ") + file;
  line("Version", version_number);
  line("HTTP", bound + (advertise == bound ? "" : ", reached by others at " + advertise));
  line("Server", options.server.enabled
                     ? fmt::format("yes, log {} at index {}", server->log().id(), server->log().head())
                     : "no");
  line("Client", options.client.enabled ? "yes, node " + facts.node_id : "no");
  if (!options.server.enabled) line("Servers", servers);
  line("Drivers", options.client.enabled && names.empty() ? "none" : names);
  line("Node name", options.node_name);
  line("Region", fmt::format("{} (DC: {})", options.region, options.datacenter));
  line("Data folder", options.data_dir + (folder->temporary() ? " (temporary: it goes when the agent ends)" : ""));
  line("Configuration", files);
  line("Log level", options.log_level);
  const std::string address = own_address();
  out += "\n==> orch agent started! Its log follows on standard error. Reach it with\n\n    ";
  out += (address == "127.0.0.1:4646" ? "" : "export ORCH_ADDR=http://" + address + "\n    ");
  return out + "orch node status\n\n";
}

Agent::Agent(AgentOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Agent::~Agent() { stop(); }

std::expected<void, std::string> Agent::start() { return impl_->start(); }

void Agent::stop() {
  Impl& a = *impl_;
  if (a.client) a.client->stop(a.folder->temporary());
  if (a.streams) a.streams->stop();
  if (a.server) a.server->watches().close();
  if (a.forwarder) a.forwarder->stop();
  if (a.http_server) a.http_server->stop(last_answers);
  if (a.server) a.server->stop();
  a.client.reset();
  a.http_server.reset();
  a.server.reset();
  a.folder.reset();
}

std::vector<std::string> Agent::reload(const AgentOptions& fresh) {
  Impl& a = *impl_;
  const ReloadPlan plan = compare_options(a.told, fresh);
  std::vector<std::string> said;
  {
    std::lock_guard lock(a.options_mutex);
    for (AgentOptions* options : {&a.options, &a.told}) {
      options->log_level = fresh.log_level;
      options->client.meta = fresh.client.meta;
      options->client.node_class = fresh.client.node_class;
    }
  }
  if (plan.log_level) {
    a.log.set_level(fresh.log_level);
    said.push_back("log_level is " + fresh.log_level + " now");
  }
  if (plan.node) {
    if (a.client) a.client->describe(fresh.client.meta, fresh.client.node_class);
    said.push_back("the node's metadata and class are taken over");
  }
  for (const std::string& name : plan.needs_restart)
    said.push_back(name + " has changed: that needs a new start of the agent");
  if (said.empty()) said.push_back("nothing has changed");
  for (const std::string& text : said) a.log("INFO", "agent: reload: " + text);
  return said;
}

std::string Agent::first_screen() const { return impl_->first_screen(); }
std::uint16_t Agent::port() const { return impl_->port; }
std::string Agent::node_id() const { return impl_->facts.node_id; }
std::string Agent::data_dir() const { return impl_->options.data_dir; }

}  // namespace orch
