#include "cli/agent/agent.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "cli/agent/client/client.h"
#include "cli/agent/client/client_api.h"
#include "cli/agent/http/api.h"
#include "cli/agent/http/event_streams.h"
#include "cli/agent/http/reply.h"
#include "cli/version.h"
#include "core/base/time_text.h"
#include "drivers/log/lmdb/lmdb_log.h"
#include "drivers/task/registry.h"
#include "projections/lmdb/table_store.h"

namespace orch {
namespace {

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

// One line of the agent's own log, on standard error.
void say(std::string_view level, const std::string& text) {
  const std::string line = "    " + rfc3339({wall_now().ns / 1'000'000 * 1'000'000}) + " [" + std::string(level) + "] " + text + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

int rank(std::string_view level) {
  return level == "DEBUG" ? 0 : level == "INFO" ? 1 : level == "WARN" ? 2 : 3;
}

}  // namespace

struct Agent::Impl {
  explicit Impl(AgentOptions o) : options(std::move(o)) {}

  AgentOptions options;
  bool temporary = false;
  std::unique_ptr<Server> server;
  std::unique_ptr<http::EventStreams> streams;
  std::unique_ptr<http::Context> context;
  http::Router router;
  std::unique_ptr<net::HttpServer> http_server;
  std::unique_ptr<DriverRegistry> drivers;
  std::unique_ptr<client::Client> client;
  std::unique_ptr<client::ClientApi> client_api;
  std::atomic<bool> ready = false;
  std::uint16_t port = 0;

  std::expected<void, std::string> start();
  std::expected<void, std::string> start_server();
  std::expected<void, std::string> start_http();
  std::expected<void, std::string> start_client();
};

std::expected<void, std::string> Agent::Impl::start() {
  if (options.node_name.empty()) options.node_name = host_name();
  if (options.data_dir.empty()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "orch-dev-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) return std::unexpected("cannot make a temporary data folder");
    options.data_dir = pattern;
    temporary = true;
  }
  std::error_code error;
  options.data_dir = std::filesystem::absolute(options.data_dir, error).string();
  if (auto started = start_server(); !started) return started;
  if (auto started = start_http(); !started) return started;
  return options.client ? start_client() : std::expected<void, std::string>();
}

std::expected<void, std::string> Agent::Impl::start_server() {
  auto log = LmdbLog::open(options.data_dir + "/log");
  if (!log) return std::unexpected(log.error().message);
  auto store = LmdbTableStore::open(options.data_dir + "/views",
                                    {.log_id = (*log)->id(), .boot_id = first_line("/proc/sys/kernel/random/boot_id")});
  if (!store) return std::unexpected(store.error());
  server = std::make_unique<Server>(std::move(*log), std::move(*store),
                                    Server::Options{.name = options.node_name + "." + options.region,
                                                    .region = options.region,
                                                    .heartbeat_ttl = seconds(options.heartbeat_ttl_seconds)});
  return server->start();
}

std::expected<void, std::string> Agent::Impl::start_http() {
  streams = std::make_unique<http::EventStreams>(*server);
  context = std::make_unique<http::Context>(*server, http::AgentFacts{.name = options.node_name,
                                                                      .region = options.region,
                                                                      .datacenter = options.datacenter,
                                                                      .bind = options.bind,
                                                                      .http_port = options.http_port,
                                                                      .server = options.server,
                                                                      .client = options.client,
                                                                      .version = version_number,
                                                                      .data_dir = options.data_dir,
                                                                      .log_level = options.log_level,
                                                                      .dev = options.dev});
  context->streams = streams.get();
  add_all_routes(router, *context);
  auto handler = [this](const net::ServerRequest& request, net::Responder responder) {
    if (!ready.load(std::memory_order_acquire)) return http::send_error(responder, 503, "the agent is starting");
    router.handle(request, std::move(responder));
  };
  http_server = std::make_unique<net::HttpServer>(std::move(handler), net::HttpServer::Limits{}, 2);
  auto bound = http_server->listen(options.bind, options.http_port);
  if (!bound) return std::unexpected(bound.error().message);
  port = context->facts.http_port = *bound;
  if (!options.client) ready.store(true, std::memory_order_release);
  return {};
}

std::expected<void, std::string> Agent::Impl::start_client() {
  drivers = std::make_unique<DriverRegistry>(DriverRegistry::with_defaults(
      {.docker = {.socket = options.docker_socket}, .raw_exec = options.raw_exec, .mock = options.mock_driver}));
  const std::string own = "http://" + options.bind + ":" + std::to_string(port);
  client::ClientOptions c;
  c.data_dir = options.data_dir + "/client";
  c.alloc_dir = options.alloc_dir;
  c.servers = {own};
  c.region = options.region;
  c.node.name = options.node_name;
  c.node.datacenter = options.datacenter;
  c.node.node_class = options.node_class;
  c.node.meta = options.meta;
  c.node.http_addr = options.bind + ":" + std::to_string(port);
  c.node.network_interface = options.network_interface;
  c.node.version = version_number;
  const int least = rank(options.log_level);
  c.log = [least](std::string_view level, const std::string& text) {
    if (rank(level) >= least) say(level, "client: " + text);
  };
  auto identity = client::load_identity(c.data_dir);
  if (!identity) return std::unexpected(identity.error());
  client = std::make_unique<client::Client>(std::move(c), drivers->all());
  client_api = std::make_unique<client::ClientApi>(*client, [](std::string_view json) { return http::indent(json); });
  context->client = client_api.get();
  context->facts.node_id = identity->node_id;
  ready.store(true, std::memory_order_release);  // from here on the client reaches its own agent
  return client->start();
}

Agent::Agent(AgentOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Agent::~Agent() { stop(); }

std::expected<void, std::string> Agent::start() { return impl_->start(); }

void Agent::stop() {
  Impl& a = *impl_;
  if (a.client) a.client->stop(a.temporary);
  if (a.streams) a.streams->stop();
  if (a.server) a.server->watches().close();
  if (a.http_server) a.http_server->stop();
  if (a.server) a.server->stop();
  a.client.reset();
  a.http_server.reset();
  a.server.reset();
  if (a.temporary) {
    std::error_code error;
    std::filesystem::remove_all(a.options.data_dir, error);
    a.temporary = false;
  }
}

std::uint16_t Agent::port() const { return impl_->port; }
std::string Agent::node_id() const { return impl_->context ? impl_->context->facts.node_id : std::string(); }
std::string Agent::data_dir() const { return impl_->options.data_dir; }

}  // namespace orch
