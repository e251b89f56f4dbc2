#include "drivers/node/reporter.h"

#include <chrono>

#include "core/base/guard.h"
#include "core/base/checksum.h"
#include "drivers/uuid/uuid.h"

namespace orch::client {
namespace {

std::string mark_of(const std::string& item) { return std::to_string(checksum(item.data(), item.size())); }

}  // namespace

Reporter::Reporter(ServerApi& api, std::string node_id, Duration pause, Hooks hooks)
    : api_(api), node_id_(std::move(node_id)), pause_(pause), hooks_(std::move(hooks)), thread_([this] {
        while (!guarded("the node's reports", [this] { run(); })) {
          if (!pause_for(seconds(1))) return;
        }
      }) {}

Reporter::~Reporter() { stop(); }

void Reporter::put_allocation(const std::string& alloc_id, std::string item) {
  {
    std::lock_guard lock(mutex_);
    allocations_[alloc_id] = std::move(item);
  }
  wake_.notify_all();
}

void Reporter::forget(const std::string& alloc_id) {
  std::lock_guard lock(mutex_);
  allocations_.erase(alloc_id);
  marks_.erase(alloc_id);
}

void Reporter::taken_before(const std::string& alloc_id, std::string mark) {
  std::lock_guard lock(mutex_);
  marks_[alloc_id] = std::move(mark);
}

void Reporter::put_again(const std::string& alloc_id, std::string item) {
  {
    std::lock_guard lock(mutex_);
    marks_.erase(alloc_id);
    allocations_[alloc_id] = std::move(item);
  }
  wake_.notify_all();
}

void Reporter::put_services(std::string list) {
  {
    std::lock_guard lock(mutex_);
    services_ = std::move(list);
  }
  wake_.notify_all();
}

bool Reporter::flush(Duration most) {
  std::unique_lock lock(mutex_);
  return quiet_.wait_for(lock, std::chrono::nanoseconds(most.ns),
                         [this] { return !sending_ && allocations_.empty() && !services_; });
}

void Reporter::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Reporter::pause_for(Duration time) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, std::chrono::nanoseconds(time.ns), [this] { return stopping_; });
}

Reporter::Delivery Reporter::deliver(bool services, const std::string& body) {
  Backoff backoff(milliseconds(100), seconds(5));
  const std::string key = random_uuid();
  for (bool warned = false;;) {
    auto sent = services ? api_.update_services(node_id_, body, key) : api_.update_allocations(node_id_, body, key);
    if (sent) return Delivery::taken;
    const ApiError& error = sent.error();
    if (error.kind == ApiError::Kind::cancelled) return Delivery::cancelled;
    if (error.kind == ApiError::Kind::refused) {
      hooks_.warn("a report was refused and is dropped: " + error.message);
      return Delivery::refused;
    }
    // A node that isn't registered (yet) is about to be: no news.
    if (!warned && error.kind != ApiError::Kind::unknown_node) {
      hooks_.warn("a report could not be delivered, trying again: " + error.message);
      warned = true;
    }
    if (error.kind == ApiError::Kind::unknown_node) hooks_.unknown_node();
    if (!pause_for(backoff.next())) return Delivery::cancelled;
  }
}

void Reporter::note_taken(const std::map<std::string, std::string>& items) {
  std::map<std::string, std::string> marks;
  for (const auto& [id, item] : items) marks[id] = mark_of(item);
  {
    std::lock_guard lock(mutex_);
    for (const auto& [id, mark] : marks) marks_[id] = mark;
  }
  if (hooks_.taken) hooks_.taken(marks);
}

void Reporter::run() {
  for (;;) {
    std::map<std::string, std::string> allocations;
    std::optional<std::string> services;
    {
      std::unique_lock lock(mutex_);
      sending_ = false;
      if (allocations_.empty() && !services_) quiet_.notify_all();
      wake_.wait(lock, [this] { return stopping_ || !allocations_.empty() || services_; });
      if (stopping_) return;
      allocations.swap(allocations_);
      std::erase_if(allocations, [this](const auto& one) {
        const auto mark = marks_.find(one.first);
        return mark != marks_.end() && mark->second == mark_of(one.second);
      });
      services.swap(services_);
      sending_ = true;
    }
    if (!allocations.empty()) {
      std::string body = "{\"Alloc\":";
      char separator = '[';
      for (const auto& [id, item] : allocations) {
        body += separator;
        body += item;
        separator = ',';
      }
      body += "]}";
      const Delivery delivery = deliver(false, body);
      if (delivery == Delivery::cancelled) return;
      if (delivery == Delivery::taken) note_taken(allocations);
    }
    if (services && deliver(true, "{\"Services\":" + *services + "}") == Delivery::cancelled) return;
    {
      std::lock_guard lock(mutex_);
      sending_ = false;
      if (allocations_.empty() && !services_) quiet_.notify_all();
    }
    if (!pause_for(pause_)) return;
  }
}

}  // namespace orch::client
