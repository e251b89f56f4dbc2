#include "drivers/http/event_streams.h"

#include <chrono>

#include "core/base/guard.h"
#include "drivers/clock/clock.h"

namespace orch::http {
namespace {

constexpr std::size_t most_queued = 1u << 20;   // bytes that may wait for a reader before its turn ends
constexpr std::size_t piece = 64u << 10;        // bytes written at once
constexpr std::int64_t heartbeat_ns = 30'000'000'000;

}  // namespace

EventStreams::EventStreams(Server& server) : server_(server), thread_([this] { run(); }) {}
EventStreams::~EventStreams() { stop(); }

void EventStreams::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void EventStreams::add(std::shared_ptr<net::StreamWriter> writer, LogIndex from, TopicFilter filter,
                       bool follow) {
  writer->write("{}\n");
  std::lock_guard lock(mutex_);
  added_.push_back({std::move(writer), std::max<LogIndex>(from, 1), std::move(filter), follow, monotonic_ns()});
  wake_ = true;
  woken_.notify_one();
}

// Writes what the reader has room for; true when there is more to write.
bool EventStreams::serve(Stream& stream) {
  Queries queries = server_.queries();
  const LogIndex applied = queries.applied();
  if (stream.next > applied) return false;
  std::string out;
  bool more = false;
  queries.events(stream.next, [&](LogIndex index, const std::vector<Queries::Happened>& happened) {
    out += event_line(queries, index, happened, stream.filter);
    stream.next = index + 1;
    if (out.size() < piece) return true;
    stream.writer->write(std::move(out));
    out.clear();
    more = true;
    return stream.writer->queued() < most_queued;
  });
  if (!out.empty()) {
    stream.last_line_ns = monotonic_ns();
    stream.writer->write(std::move(out));
  }
  if (!more || stream.next > applied) stream.next = std::max(stream.next, applied + 1);
  return stream.next <= applied;
}

void EventStreams::run() {
  std::list<Stream> streams;
  while (!guarded("the event streams", [&] { serve_all(streams); })) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  for (Stream& stream : streams) guarded("the end of an event stream", [&] { stream.writer->close(); });
}

// Until the streams are stopped.
void EventStreams::serve_all(std::list<Stream>& streams) {
  while (true) {
    bool busy = false, clogged = false;
    LogIndex seen = server_.queries().applied();
    for (auto it = streams.begin(); it != streams.end();) {
      if (!it->writer->alive()) {
        it = streams.erase(it);
        continue;
      }
      bool more = false;
      if (it->writer->queued() < most_queued && !guarded("an event stream", [&] { more = serve(*it); })) {
        it = streams.erase(it);  // broken off: its reader sees that, and asks again from where it is
        continue;
      }
      busy |= more;
      clogged |= it->writer->queued() >= most_queued;
      if (!it->follow && it->next > seen) {
        it->writer->close();
        it = streams.erase(it);
        continue;
      }
      const std::int64_t now = monotonic_ns();
      if (now - it->last_line_ns > heartbeat_ns) {
        it->last_line_ns = now;
        it->writer->write("{}\n");
      }
      ++it;
    }
    if (!streams.empty() && !busy) {
      server_.watches().wait({{WatchKind::log}}, seen, monotonic_ns() + 1'000'000'000, [this] {
        std::lock_guard lock(mutex_);
        wake_ = true;
        woken_.notify_one();
      });
    }
    std::unique_lock lock(mutex_);
    if (!busy) {
      // A reader that has room again does not say so.
      woken_.wait_for(lock,
                      std::chrono::milliseconds(clogged           ? 5
                                                : streams.empty() ? 60000
                                                                  : 1000),
                      [this] { return wake_ || stopping_; });
    }
    wake_ = false;
    if (stopping_) return;
    streams.splice(streams.end(), added_);
  }
}

}  // namespace orch::http
