#include "drivers/task/docker/container_watch.h"

#include <boost/json.hpp>
#include <cstdio>

#include "core/base/format.h"
#include "core/base/guard.h"
#include "drivers/clock/clock.h"
#include "drivers/net/percent.h"
#include "drivers/task/docker/container_spec.h"

namespace orch {
namespace {

constexpr auto look_again_away = std::chrono::seconds(1);
// Events are what counts; this only bounds what a lost one would cost.
constexpr auto look_again_anyhow = std::chrono::seconds(30);

}  // namespace

ContainerWatch::ContainerWatch(const DockerEngine& engine)
    : engine_(engine), client_(engine.connection()), thread_([this] { run(); }) {}

ContainerWatch::~ContainerWatch() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  client_.cancel();
  changed_.notify_all();
  thread_.join();
}

bool ContainerWatch::wait(const std::string& container, Clock::time_point until) {
  std::unique_lock lock(mutex_);
  for (;;) {
    Container& c = containers_[container];
    const auto again = c.looked + (connected_ ? Clock::duration(look_again_anyhow) : Clock::duration(look_again_away));
    if (c.events != c.seen_events || c.seen_stream != stream_ || Clock::now() >= again) {
      c.seen_events = c.events;
      c.seen_stream = stream_;
      c.looked = Clock::now();
      return true;
    }
    if (stopping_ || Clock::now() >= until) return false;
    changed_.wait_until(lock, std::min(until, again));
  }
}

void ContainerWatch::forget(const std::string& container) {
  std::lock_guard lock(mutex_);
  containers_.erase(container);
}

void ContainerWatch::run() {
  while (!guarded("the engine's events", [this] { watch(); })) {
    std::unique_lock lock(mutex_);
    connected_ = false;
    changed_.wait_for(lock, std::chrono::milliseconds(500), [this] { return stopping_.load(); });
  }
}

void ContainerWatch::watch() {
  const std::string filters =
      std::string(R"({"type":["container"],"event":["die","destroy"],"label":[")") + alloc_label + "\"]}";
  while (!stopping_) {
    std::string pending;
    bool opened = false;
    const auto open = [&] {
      std::lock_guard lock(mutex_);
      ++stream_;
      opened = connected_ = true;
      changed_.notify_all();
    };
    // An answer to a small question shows that the engine is there. What happens between that and the stream's
    // beginning is asked for, since the engine remembers its latest events.
    const std::int64_t now = wall_now().ns;
    const std::string since = fmt::format("{}.{:09}", now / 1'000'000'000, now % 1'000'000'000);
    if (engine_.call("GET", "/_ping", "", seconds(5))) open();
    const std::string path = std::string("/events?since=") + since + "&filters=" + net::percent_encoded(filters);
    (void)engine_.stream(client_, "GET", path, {}, [&](std::string_view bytes) {
      pending += bytes;
      std::size_t begin = 0;
      for (std::size_t end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', begin)) {
        take(std::string_view(pending).substr(begin, end - begin));
        begin = end + 1;
      }
      pending.erase(0, begin);
      return !stopping_.load();
    });
    std::unique_lock lock(mutex_);
    connected_ = false;
    changed_.notify_all();
    changed_.wait_for(lock, opened ? std::chrono::milliseconds(100) : std::chrono::milliseconds(500),
                      [this] { return stopping_.load(); });
  }
}

void ContainerWatch::take(std::string_view line) {
  boost::json::error_code failed;
  const auto parsed = boost::json::parse({line.data(), line.size()}, failed);
  const auto* object = failed ? nullptr : parsed.if_object();
  const auto* actor = object != nullptr ? object->if_contains("Actor") : nullptr;
  const auto* id = actor != nullptr && actor->is_object() ? actor->get_object().if_contains("ID") : nullptr;
  if (id == nullptr || !id->is_string()) return;
  std::lock_guard lock(mutex_);
  const auto at = containers_.find(std::string(id->get_string()));
  if (at == containers_.end()) return;
  ++at->second.events;
  changed_.notify_all();
}

}  // namespace orch
