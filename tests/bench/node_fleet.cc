#include "tests/bench/node_fleet.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "core/base/hash.h"
#include "core/model/job_json.h"
#include "core/model/json_text.h"
#include "core/model/status.h"
#include "node_messages_generated.h"
#include "record_generated.h"

namespace orch::bench {
namespace {

constexpr std::string_view compact_accept = "Accept: application/x-flatbuffers\r\n";
constexpr std::string_view compact_content = "Content-Type: application/x-flatbuffers\r\n";
constexpr std::string_view json_content = "Content-Type: application/json\r\n";
constexpr std::int64_t retry_ns = 200'000'000;

std::string uuid_of(std::uint64_t seed, std::uint32_t n) {
  const std::uint64_t high = mix(seed, n), low = mix(high, n);
  char text[40];
  std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(high >> 32),
                static_cast<unsigned>(high >> 16 & 0xffff), static_cast<unsigned>(high & 0xffff),
                static_cast<unsigned>(low >> 48), static_cast<unsigned long long>(low & 0xffffffffffff));
  return text;
}

std::int64_t heartbeat_ttl(std::string_view body) {
  constexpr std::string_view key = "\"HeartbeatTTL\":";
  std::int64_t ttl = 0;
  if (const std::size_t at = body.find(key); at != std::string_view::npos) {
    std::from_chars(body.data() + at + key.size(), body.data() + body.size(), ttl);
  }
  return ttl;
}

}  // namespace

struct NodeFleet::Node {
  Node(Reactor& reactor, const net::Endpoint& server) : poll(reactor, server) {}
  orch::Node description;
  std::string id;
  Connection poll;
  std::uint64_t index = 0;
  std::uint32_t life = 1;  // timers and answers of an earlier life say nothing
  bool here = true;
};

NodeFleet::NodeFleet(Reactor& reactor, FleetOptions options) : reactor_(reactor), options_(std::move(options)) {
  for (std::uint32_t i = 0; i < options_.nodes; ++i) {
    auto node = std::make_unique<Node>(reactor, options_.server);
    orch::Node& d = node->description;
    d.id = node->id = uuid_of(options_.seed, i);
    d.name = "sim-" + std::to_string(i);
    d.node_class = options_.classes == 0 ? "" : "class-" + std::to_string(i % options_.classes + 1);
    d.datacenter = options_.datacenters[i % options_.datacenters.size()];
    d.attributes = {{"kernel.name", "linux"}, {"cpu.arch", "amd64"}, {"driver." + options_.driver, "1"}};
    d.resources = {.cpu = options_.cpu,
                   .disk_mb = options_.disk_mb,
                   .memory_mb = options_.memory_mb,
                   .networks = {{.device = "eth0",
                                 .ip = "10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." +
                                       std::to_string(i & 255),
                                 .mbits = 1000}}};
    nodes_.push_back(std::move(node));
  }
  for (std::uint32_t i = 0; i < std::max(1u, options_.shared_connections); ++i) {
    shared_.push_back(std::make_unique<Connection>(reactor, options_.server));
  }
}

NodeFleet::~NodeFleet() = default;

void NodeFleet::start() {
  for (auto& node : nodes_) register_node(*node);
}

void NodeFleet::disconnect(std::uint32_t first, std::uint32_t count) {
  for (std::uint32_t i = first; i < nodes_.size() && i - first < count; ++i) {
    Node& node = *nodes_[i];
    if (!node.here) continue;
    node.here = false;
    ++node.life;
    node.poll.close();
  }
}

void NodeFleet::reconnect(std::uint32_t first, std::uint32_t count) {
  for (std::uint32_t i = first; i < nodes_.size() && i - first < count; ++i) {
    Node& node = *nodes_[i];
    if (node.here) continue;
    node.here = true;
    node.index = 0;
    register_node(node);
  }
}

void NodeFleet::failed(const Reply& reply, const char* doing) {
  ++counts_.errors;
  last_error_ =
      std::string(doing) + ": " +
      (reply.status == 0 ? "the connection broke" : std::to_string(reply.status) + " " + std::string(reply.body));
}

void NodeFleet::share(std::string request, OnReply done) {
  jobs_.push_back({std::move(request), std::move(done)});
  serve();
}

void NodeFleet::serve() {
  for (auto& connection : shared_) {
    if (jobs_.empty()) break;
    if (connection->busy()) continue;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    connection->send(std::move(job.request), [this, done = std::move(job.done)](const Reply& reply) {
      done(reply);
      serve();
    });
  }
  counts_.waiting = jobs_.size();
}

void NodeFleet::register_node(Node& node) {
  std::string body = "{\"Node\":{";
  append_node_fields(body, node.description);
  body += ",\"SecretID\":\"" + node.id + "\"}}";
  share(request_text("PUT", "/v1/node/register", body, json_content), [this, &node,
                                                                       life = node.life](const Reply& reply) {
    if (life != node.life) return;
    if (reply.status != 200) {
      failed(reply, "register");
      return reactor_.at(now_ns() + retry_ns, [this, &node, life] {
        if (life == node.life) register_node(node);
      });
    }
    ++counts_.registered;
    if (const std::int64_t ttl = heartbeat_ttl(reply.body); ttl > 0) ttl_ns_ = ttl;
    // Spread over the time, so that beats don't come in waves.
    const auto place = static_cast<std::int64_t>(mix(options_.seed, counts_.registered) % 1000);
    reactor_.at(now_ns() + ttl_ns_ / 2 * place / 1000, [this, &node, life] {
      if (life == node.life) beat(node);
    });
    poll(node);
  });
}

void NodeFleet::beat(Node& node) {
  share(request_text("PUT", "/v1/node/" + node.id + "/heartbeat", "{}", json_content), [this, &node, life = node.life](
                                                                                           const Reply& reply) {
    if (life != node.life) return;
    if (reply.status == 404) {
      ++node.life;
      --counts_.registered;
      node.poll.close();
      return register_node(node);
    }
    if (reply.status != 200) failed(reply, "heartbeat");
    reactor_.at(now_ns() + (reply.status == 200 ? ttl_ns_ / 2 : retry_ns), [this, &node, life] {
      if (life == node.life) beat(node);
    });
  });
}

void NodeFleet::poll(Node& node) {
  ++counts_.polls;
  std::string target = "/v1/node/" + node.id + "/allocations";
  if (node.index > 0)
    target +=
        "?index=" + std::to_string(node.index) + "&wait=" + std::to_string(options_.poll_wait.ns / 1'000'000) + "ms";
  node.poll.send(request_text("GET", target, {}, compact_accept), [this, &node, life = node.life](const Reply& reply) {
    if (life != node.life) return;
    std::int64_t pause = options_.poll_pause.ns;
    if (reply.status == 200) {
      node.index = reply.index;
      take(node, reply.body);
    } else {
      failed(reply, "allocations");
      pause = std::max(pause, retry_ns);
    }
    if (pause == 0) return poll(node);
    reactor_.at(now_ns() + pause, [this, &node, life] {
      if (life == node.life) poll(node);
    });
  });
}

bool NodeFleet::fails(std::uint32_t allocation) const {
  return options_.failing > 0 &&
         static_cast<double>(mix(options_.seed + 1, allocation) >> 11) < options_.failing * 9007199254740992.0;
}

void NodeFleet::take(Node& node, std::string_view body) {
  const auto* octets = reinterpret_cast<const std::uint8_t*>(body.data());
  flatbuffers::Verifier verifier(octets, body.size());
  if (!verifier.VerifyBuffer<wire::NodeAllocations>(nullptr))
    return failed({.status = 200, .body = "the body is no NodeAllocations"}, "allocations");
  const auto& told = *flatbuffers::GetRoot<wire::NodeAllocations>(octets);
  const std::uint32_t count = told.allocations() != nullptr ? told.allocations()->size() : 0;
  if (count == 0) return;
  std::uint64_t running = 0, failures = 0, stopped = 0;
  bool any_health = false;
  std::vector<std::uint8_t> status(count), health(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    ClientStatus word = ClientStatus::running;
    if (static_cast<DesiredStatus>(told.desired()->Get(i)) != DesiredStatus::run) {
      word = ClientStatus::complete;
      ++stopped;
    } else if (fails(told.allocations()->Get(i))) {
      word = ClientStatus::failed;
      ++failures;
    } else {
      ++running;
    }
    status[i] = static_cast<std::uint8_t>(word);
    if (!told.watched()->Get(i)) continue;
    health[i] = word == ClientStatus::running ? 1 : word == ClientStatus::failed ? 2 : 0;
    any_health |= health[i] != 0;
  }
  flatbuffers::FlatBufferBuilder b(128 + 6 * count);
  const auto allocations_column = b.CreateVector(told.allocations()->data(), count);
  const auto status_column = b.CreateVector(status);
  const auto health_column =
      any_health ? b.CreateVector(health) : flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>>();
  b.Finish(wire::CreateUpdateAllocations(b, 0, allocations_column, status_column, health_column));
  report(node, {reinterpret_cast<const char*>(b.GetBufferPointer()), b.GetSize()}, running, failures, stopped);
}

void NodeFleet::report(Node& node, std::string body, std::uint64_t running, std::uint64_t failures,
                       std::uint64_t stopped) {
  // Without a key: a report says what is, so a repeat is harmless.
  std::string request = request_text("PUT", "/v1/node/" + node.id + "/update", body, compact_content);
  share(request, [this, &node, life = node.life, body = std::move(body), running, failures,
                  stopped](const Reply& reply) {
    if (life != node.life) return;
    if (reply.status == 200) {
      ++counts_.reports;
      counts_.running += running;
      counts_.failed += failures;
      counts_.stopped += stopped;
      return;
    }
    failed(reply, "report");
    reactor_.at(now_ns() + retry_ns, [this, &node, life, body, running, failures, stopped] {
      if (life == node.life) report(node, body, running, failures, stopped);
    });
  });
}

}  // namespace orch::bench
