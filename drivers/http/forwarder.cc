#include "drivers/http/forwarder.h"

#include <charconv>
#include <chrono>
#include <optional>

#include "core/base/assert.h"
#include "core/base/guard.h"
#include "drivers/http/reply.h"
#include "drivers/uuid/uuid.h"

namespace orch::http {
namespace {

constexpr std::size_t most_queued = 1u << 20;     // a slow reader holds back its stream, not the agent's memory
constexpr std::size_t most_in_memory = 1u << 20;  // an answer of a known size up to this is sent whole
// A blocking query may keep silent for five minutes and a sixteenth.
constexpr Duration longest_silence = minutes(6);

bool is_write(const std::string& method) { return method == "PUT" || method == "POST" || method == "DELETE"; }

}  // namespace

int hops_of(const net::ServerRequest& request) {
  const std::string_view text = request.header(hops_header);
  int hops = 0;
  std::from_chars(text.data(), text.data() + text.size(), hops);
  return hops;
}

net::HttpRequest request_to_pass(const net::ServerRequest& request) {
  net::HttpRequest made{std::string(request.method), std::string(request.target), {}, std::string(request.body)};
  for (const char* name : {"Content-Type", "X-Nomad-Token", "Idempotency-Key"}) {
    if (const std::string_view value = request.header(name); !value.empty()) made.headers.emplace_back(name, value);
  }
  if (is_write(made.method) && request.header("Idempotency-Key").empty()) {
    made.headers.emplace_back("Idempotency-Key", random_uuid());
  }
  return made;
}

struct Forwarder::Call {
  net::HttpRequest request;
  std::vector<net::Endpoint> targets;
  Unreachable unreachable;
  net::Responder responder;

  // Under the forwarder's mutex: what the watcher and `stop` look at.
  net::HttpClient* client = nullptr;
  std::shared_ptr<net::StreamWriter> writer;
  bool cancelled = false;
};

Forwarder::~Forwarder() { stop(); }

void Forwarder::pass_on(net::HttpRequest request, std::vector<net::Endpoint> targets, int hops, Unreachable unreachable,
                        net::Responder responder) {
  request.headers.emplace_back(hops_header, std::to_string(hops + 1));
  auto call =
      std::make_shared<Call>(std::move(request), std::move(targets), std::move(unreachable), std::move(responder));
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return send_error(call->responder, 503, "the agent is stopping");
    if (calls_.size() >= most_at_once) return send_error(call->responder, 503, "too many requests are being passed on");
    calls_.insert(call.get());
    if (!watcher_.joinable()) watcher_ = std::thread([this] {
        while (!guarded("the watcher of what is passed on", [this] { watch(); })) {
        }
      });
  }
  wake_.notify_all();
  const bool taken = pool_.run([this, call] {
    guarded("a request that is passed on", [&] { run(*call); });
    std::lock_guard lock(mutex_);
    calls_.erase(call.get());
  });
  ORCH_ASSERT(taken, "the forwarder's pool has room for all that it lets in");
}

void Forwarder::run(Call& call) {
  std::string reasons;
  const bool writes = call.request.method != "GET" && call.request.method != "HEAD";
  const std::size_t count = call.targets.size();
  const std::size_t first = preferred_ % count;
  for (std::size_t i = 0; i < count; ++i) {
    net::HttpClient client(call.targets[(first + i) % count]);
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return send_error(call.responder, 503, "the agent is stopping");
      call.client = &client;
    }
    std::optional<net::HttpResponse> head;
    std::string body;
    bool streaming = false;
    auto on_head = [&](const net::HttpResponse& answer) {
      head = answer;
      const std::string_view length = answer.header("Content-Length");
      std::size_t size = 0;
      std::from_chars(length.data(), length.data() + length.size(), size);
      streaming = answer.status / 100 == 2 && answer.status != 204 && (length.empty() || size > most_in_memory);
      if (!streaming) return true;
      net::Headers extra;
      for (const auto& [name, value] : answer.headers) {
        if (name.starts_with("X-") || name.starts_with("x-")) extra.emplace_back(name, value);
      }
      auto writer = call.responder.stream(answer.status, answer.header("Content-Type"), std::move(extra));
      std::lock_guard lock(mutex_);
      call.writer = std::move(writer);
      return true;
    };
    auto on_data = [&](std::string_view bytes) {
      if (!streaming) {
        body.append(bytes);
        return true;
      }
      while (call.writer->queued() > most_queued && call.writer->alive()) {
        std::unique_lock lock(mutex_);
        if (wake_.wait_for(lock, std::chrono::milliseconds(5), [&] { return stopping_; })) break;
      }
      return call.writer->write(std::string(bytes));
    };
    const auto done = client.relay(call.request, on_head, on_data, longest_silence);
    bool stopping = false;
    {
      std::lock_guard lock(mutex_);
      call.client = nullptr;
      stopping = stopping_;
    }
    if (streaming) {
      // An answer that broke off is broken off for the reader too, unless it is this agent that ends it.
      if (done || stopping) call.writer->close();
      std::lock_guard lock(mutex_);
      call.writer.reset();
      return;
    }
    if (done) {
      preferred_ = (first + i) % count;
      net::Headers extra;
      for (const auto& [name, value] : head->headers) {
        if (name.starts_with("X-") || name.starts_with("x-")) extra.emplace_back(name, value);
      }
      return call.responder.send(head->status, head->header("Content-Type"), std::move(body), std::move(extra));
    }
    if (stopping) return send_error(call.responder, 503, "the agent is stopping");
    reasons += (reasons.empty() ? "" : "; ") + done.error().message;
    // Delivered, and no answer came: it may have happened. Whoever asked repeats it under its key, or looks.
    using Kind = net::NetError::Kind;
    const Kind kind = done.error().kind;
    if (writes && kind != Kind::connect && kind != Kind::resolve)
      return send_error(call.responder, 504, "outcome unknown: " + reasons);
  }
  send_error(call.responder, call.unreachable.status, call.unreachable.text + reasons);
}

// Nobody tells a blocked reader of the answer that the one who asked has gone: this does.
void Forwarder::watch() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (calls_.empty()) {
      wake_.wait(lock, [this] { return stopping_ || !calls_.empty(); });
      continue;
    }
    wake_.wait_for(lock, std::chrono::milliseconds(500), [this] { return stopping_; });
    for (Call* call : calls_) {
      if (call->writer == nullptr || call->writer->alive() || call->cancelled || call->client == nullptr) continue;
      call->cancelled = true;
      call->client->cancel();
    }
  }
}

void Forwarder::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (Call* call : calls_) {
      if (call->client != nullptr) call->client->cancel();
    }
  }
  wake_.notify_all();
  if (watcher_.joinable()) watcher_.join();
  pool_.drain(seconds(15));
}

}  // namespace orch::http
