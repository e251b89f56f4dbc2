#include "drivers/node/registration.h"

#include <chrono>
#include <utility>

#include "core/base/assert.h"
#include "core/base/guard.h"

namespace orch::client {
namespace {

constexpr Duration heartbeat_default = seconds(10);

}  // namespace

Registration::Registration(ServerApi& api, Identity identity, Node node, Say say)
    : api_(api),
      identity_(std::move(identity)),
      say_(std::move(say)),
      node_(std::make_shared<const Node>(std::move(node))) {}

Registration::~Registration() { stop(); }

void Registration::start(std::function<void()> before) {
  ORCH_ASSERT(!thread_.joinable(), "a node has one beat");
  thread_ = std::thread([this, before = std::move(before)] {
    guarded("what comes before the node's registration", before);
    while (!guarded("the node's beat", [this] { beat(); })) {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_; })) return;
    }
  });
}

std::shared_ptr<const Node> Registration::node() const {
  std::lock_guard lock(mutex_);
  return node_;
}

bool Registration::registered() const {
  std::lock_guard lock(mutex_);
  return registered_;
}

bool Registration::change(const std::function<bool(Node&)>& edit) {
  std::lock_guard describing(describing_);
  Node node = *this->node();
  if (!edit(node)) return false;
  std::lock_guard lock(mutex_);
  node_ = std::make_shared<const Node>(std::move(node));
  return true;
}

void Registration::again() {
  {
    std::lock_guard lock(mutex_);
    again_ = true;
  }
  wake_.notify_all();
}

bool Registration::wait_until_registered() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || registered_; });
  return !stopping_;
}

void Registration::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Registration::beat() {
  Backoff backoff(milliseconds(100), seconds(5));
  Duration ttl = heartbeat_default;
  bool must_register = true, warned = false;
  for (;;) {
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
      must_register = must_register || std::exchange(again_, false);
    }
    auto answer = must_register ? api_.register_node(*node(), identity_.secret) : api_.heartbeat(identity_.node_id);
    if (answer) {
      ttl = *answer;
      if (must_register) say_("INFO", "node " + identity_.node_id + " is registered");
      must_register = warned = false;
      backoff.reset();
      {
        std::lock_guard lock(mutex_);
        registered_ = true;
      }
      wake_.notify_all();
    } else if (answer.error().kind == ApiError::Kind::cancelled) {
      return;
    } else {
      if (!warned) say_("WARN", (must_register ? "registration: " : "heartbeat: ") + answer.error().message);
      warned = true;
      must_register = must_register || answer.error().kind == ApiError::Kind::unknown_node;
    }
    const bool good = answer.has_value();
    const Duration wait = good ? Duration{ttl.ns / 2} : backoff.next();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::nanoseconds(wait.ns), [&] { return stopping_ || (good && again_); });
  }
}

}  // namespace orch::client
