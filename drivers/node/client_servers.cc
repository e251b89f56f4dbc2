// The node client towards its servers: registration, heartbeats, the drivers' health, the list of allocations.
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <utility>

#include "drivers/node/client.h"

namespace orch::client {
namespace {

namespace json = boost::json;

constexpr Duration poll_wait = seconds(60);
constexpr Duration heartbeat_default = seconds(10);

}  // namespace

void Client::beat() {
  Backoff backoff(milliseconds(100), seconds(5));
  Duration ttl = heartbeat_default;
  bool must_register = true, warned = false;
  for (;;) {
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
      must_register = must_register || std::exchange(register_again_, false);
    }
    auto answer = must_register ? api_->register_node(*node(), identity_.secret) : api_->heartbeat(identity_.node_id);
    if (answer) {
      ttl = *answer;
      if (must_register) say("INFO", "node " + identity_.node_id + " is registered");
      must_register = warned = false;
      registered_ = true;
      backoff.reset();
      wake_.notify_all();
    } else if (answer.error().kind == ApiError::Kind::cancelled) {
      return;
    } else {
      if (!warned) say("WARN", (must_register ? "registration: " : "heartbeat: ") + answer.error().message);
      warned = true;
      must_register = must_register || answer.error().kind == ApiError::Kind::unknown_node;
    }
    const bool good = answer.has_value();
    const Duration wait = good ? Duration{ttl.ns / 2} : backoff.next();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::nanoseconds(wait.ns), [&] { return stopping_ || (good && register_again_); });
  }
}

void Client::watch_drivers() {
  const auto unwell = [this] {
    const auto node = this->node();
    return std::any_of(node->drivers.begin(), node->drivers.end(),
                       [](const auto& d) { return d.second.detected && !d.second.healthy; });
  };
  // Work waits for a driver that was well before, so its return is looked for more often.
  while (
      pause(unwell() || disk_full_ ? std::min(options_.driver_check_every, seconds(1)) : options_.driver_check_every)) {
    watch_disk();
    std::set<TaskDriver*> unlisted;
    {
      std::lock_guard lock(mutex_);
      unlisted = unlisted_;
    }
    for (TaskDriver* driver : unlisted) {
      auto listed = driver->list();
      if (!listed) continue;
      std::vector<std::pair<TaskDriver*, TaskDriver::Found>> found;
      for (TaskDriver::Found& one : *listed) found.emplace_back(driver, std::move(one));
      mailbox_.post([this, found = std::move(found)]() mutable { end_strangers(std::move(found)); });
      std::lock_guard lock(mutex_);
      unlisted_.erase(driver);
    }
    if (!look_at_drivers()) continue;
    register_anew();
    say("INFO", "the health of a task driver changed");
  }
}

bool Client::look_at_drivers() {
  std::lock_guard describing(describing_);
  Node node = *this->node();
  if (!fingerprint_drivers(node, drivers_, read_moment().wall)) return false;
  std::lock_guard lock(mutex_);
  node_ = std::make_shared<const Node>(std::move(node));
  return true;
}

void Client::describe(const StringMap& meta, const std::string& node_class) {
  {
    std::lock_guard describing(describing_);
    Node node = *this->node();
    node.meta = meta;
    node.node_class = node_class;
    std::lock_guard lock(mutex_);
    node_ = std::make_shared<const Node>(std::move(node));
  }
  register_anew();
}

void Client::register_anew() {
  {
    std::lock_guard lock(mutex_);
    register_again_ = true;
  }
  wake_.notify_all();
}

void Client::watch_disk() {
  const bool full = has_no_room(options_.alloc_dir);
  if (std::exchange(disk_full_, full) == full) return;
  const std::string text = full ? "No space left on device in " + options_.alloc_dir +
                                      ": what tasks write there fails, and their output waits, until there is room"
                                : "There is space again in " + options_.alloc_dir;
  say(full ? "ERROR" : "INFO", text);
  mailbox_.post([this, text] {
    for (const auto& [id, runner] : runners_) runner->tell_tasks(text);
  });
}

void Client::poll() {
  {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || registered_; });
  }
  Backoff backoff(milliseconds(100), seconds(5));
  std::uint64_t index = 0;
  bool warned = false;
  while (!stopping_) {
    auto answer = api_->allocations(identity_.node_id, index, doubtful_ ? doubt + milliseconds(100) : poll_wait);
    json::error_code error;
    json::monotonic_resource memory;
    const json::value list = answer ? json::parse(answer->body, error, &memory) : json::value();
    if (!answer || error || (!list.is_array() && !list.is_null())) {
      if (!answer && answer.error().kind == ApiError::Kind::cancelled) return;
      if (!answer && answer.error().kind == ApiError::Kind::unknown_node) {
        register_anew();
      }
      if (!warned) say("WARN", "allocations: " + (answer ? "the answer is no JSON list" : answer.error().message));
      warned = true;
      if (!pause(backoff.next())) return;
      continue;
    }
    warned = false;
    backoff.reset();
    if (answer->index < index) {  // a server that is behind, or a history that began anew: ask from the start
      index = 0;
      if (!pause(milliseconds(100))) return;
      continue;
    }
    index = answer->index;
    if (index == 0 && !pause(milliseconds(200))) return;  // no index, no waiting: don't ask in circles
    std::vector<AllocationSpec> changed;
    std::set<std::string> listed;
    if (list.is_array()) {
      for (const json::value& item : list.get_array()) {
        const auto head = allocation_head(item);
        if (!head) {
          say("ERROR", head.error());
          continue;
        }
        listed.insert(head->id);
        const auto known = known_.find(head->id);
        if (known != known_.end() && known->second >= head->alloc_modify_index) continue;
        auto spec = allocation_from_json(item);
        known_[head->id] = head->alloc_modify_index;
        if (spec) {
          changed.push_back(std::move(*spec));
        } else {
          say("ERROR", spec.error());
        }
      }
    }
    std::erase_if(known_, [&](const auto& entry) { return !listed.contains(entry.first); });
    // Waited for, because what it finds missing decides how long to ask for next.
    mailbox_.run_and_wait([&] { take(std::move(changed), std::move(listed), index); });
  }
}

}  // namespace orch::client
