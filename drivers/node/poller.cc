#include "drivers/node/poller.h"

#include <boost/json.hpp>
#include <utility>

#include "core/base/assert.h"
#include "core/base/guard.h"
#include "core/model/json_limits.h"

namespace orch::client {
namespace {

namespace json = boost::json;

constexpr Duration poll_wait = seconds(60);

}  // namespace

Poller::Poller(ServerApi& api, Registration& registration, const StopSignal& stopping, Take take, Say say)
    : api_(api), registration_(registration), stopping_(stopping), take_(std::move(take)), say_(std::move(say)) {}

Poller::~Poller() { stop(); }

void Poller::start(std::function<void()> before) {
  ORCH_ASSERT(!thread_.joinable(), "a node has one poller");
  thread_ = std::thread([this, before = std::move(before)] {
    guarded("what comes before the node's allocations", before);
    while (!guarded("the node's poll", [this] { poll(); })) {
      known_.clear();  // what was read and not handed on is handed on now
      if (!stopping_.pause(seconds(1))) return;
    }
  });
}

void Poller::stop() {
  ORCH_ASSERT(!thread_.joinable() || stopping_.is_set(), "a poller is told to stop before it is waited for");
  if (thread_.joinable()) thread_.join();
}

void Poller::poll() {
  if (!registration_.wait_until_registered()) return;
  Backoff backoff(milliseconds(100), seconds(5));
  std::uint64_t index = 0;
  bool warned = false;
  Duration wait = poll_wait;
  while (!stopping_.is_set()) {
    auto answer = api_.allocations(registration_.node_id(), index, wait);
    if (!answer && answer.error().kind == ApiError::Kind::cancelled) return;
    if (answer && answer->index < index) {
      warned = false;
      backoff.reset();
      index = 0;
      if (!stopping_.pause(milliseconds(100))) return;
      continue;
    }
    std::optional<News> news = answer ? read(answer->body, answer->index) : std::nullopt;
    if (!news) {
      if (!answer && answer.error().kind == ApiError::Kind::unknown_node) registration_.again();
      if (!warned) say_("WARN", "allocations: " + (answer ? "the answer is no JSON list" : answer.error().message));
      warned = true;
      if (!stopping_.pause(backoff.next())) return;
      continue;
    }
    warned = false;
    backoff.reset();
    index = answer->index;
    if (index == 0 && !stopping_.pause(milliseconds(200))) return;  // no index, no waiting: don't ask in circles
    wait = take_(std::move(*news)).value_or(poll_wait);
  }
}

std::optional<Poller::News> Poller::read(const std::string& body, std::uint64_t index) {
  json::error_code error;
  json::monotonic_resource memory;
  const json::value list = parse_answer(body, error, &memory);
  if (error || (!list.is_array() && !list.is_null())) return std::nullopt;
  News news;
  news.index = index;
  if (list.is_array()) {
    for (const json::value& item : list.get_array()) {
      const auto head = allocation_head(item);
      if (!head) {
        say_("ERROR", head.error());
        continue;
      }
      news.listed.insert(head->id);
      const auto known = known_.find(head->id);
      if (known != known_.end() && known->second >= head->alloc_modify_index) continue;
      auto spec = allocation_from_json(item);
      known_[head->id] = head->alloc_modify_index;
      if (spec) {
        news.changed.push_back(std::move(*spec));
      } else {
        say_("ERROR", spec.error());
      }
    }
  }
  std::erase_if(known_, [&](const auto& entry) { return !news.listed.contains(entry.first); });
  return news;
}

}  // namespace orch::client
