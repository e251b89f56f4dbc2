#include "cli/agent/http/event_streams.h"

#include <chrono>

#include "core/model/json_text.h"

namespace orch::http {
namespace {

constexpr std::size_t most_queued = 1u << 20;   // bytes that may wait for a reader before its turn ends
constexpr std::size_t piece = 64u << 10;        // bytes written at once
constexpr std::int64_t heartbeat_ns = 30'000'000'000;

struct Topic {
  const char* name;
  Queries::Context context;
};

std::optional<Topic> topic_of(EventKind kind) {
  switch (kind) {
    case EventKind::job_registered:
    case EventKind::job_deregistered:
    case EventKind::job_changed: return Topic{"Job", Queries::Context::jobs};
    case EventKind::node_registered:
    case EventKind::node_changed: return Topic{"Node", Queries::Context::nodes};
    case EventKind::evaluation_changed: return Topic{"Evaluation", Queries::Context::evaluations};
    case EventKind::deployment_changed: return Topic{"Deployment", Queries::Context::deployments};
    case EventKind::allocations_placed:
    case EventKind::allocation_desired:
    case EventKind::allocation_health:
    case EventKind::allocation_client: return Topic{"Allocation", Queries::Context::allocations};
    case EventKind::services_changed: return Topic{"Service", Queries::Context::nodes};
  }
  return {};
}

// Nomad names an event after the command that made it.
const char* type_of(wire::Command command, EventKind kind) {
  switch (command) {
    case wire::Command::RegisterJob: return "JobRegistered";
    case wire::Command::DeregisterJob: return "JobDeregistered";
    case wire::Command::EvaluateJob: return "EvaluationUpdated";
    case wire::Command::SetDeploymentStatus: return "DeploymentStatusUpdate";
    case wire::Command::SetAllocationHealth: return "DeploymentAllocHealth";
    case wire::Command::RegisterNode: return "NodeRegistration";
    case wire::Command::SetNodeStatus: return "NodeStreamEvent";
    case wire::Command::SetNodeEligibility: return "NodeEligibility";
    case wire::Command::UpdateAllocations: return kind == EventKind::deployment_changed ? "DeploymentAllocHealth" : "AllocationUpdated";
    case wire::Command::UpdateServices: return "ServiceRegistration";
    case wire::Command::SubmitPlan: return "PlanResult";
    default: return kind == EventKind::deployment_changed ? "DeploymentStatusUpdate" : "EvaluationUpdated";
  }
}

bool wanted(const TopicFilter& filter, const std::string& topic, const std::string& key, const std::string& job) {
  for (const std::string& name : {std::string("*"), topic}) {
    const auto it = filter.find(name);
    if (it == filter.end()) continue;
    if (it->second.contains("*") || it->second.contains(key) || (!job.empty() && it->second.contains(job))) return true;
  }
  return false;
}

// Text of a member of an object, for keys; the objects are our own JSON.
std::string member(const std::string& json, std::string_view name) {
  const std::string wanted_name = "\"" + std::string(name) + "\":\"";
  const std::size_t at = json.find(wanted_name);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + wanted_name.size();
  return json.substr(begin, json.find('"', begin) - begin);
}

void append_event(std::string& line, const TopicFilter& filter, const Topic& topic, const char* type, LogIndex index,
                  const std::string& key, const std::string& object) {
  const std::string job = topic.context == Queries::Context::jobs || topic.context == Queries::Context::nodes
                              ? std::string()
                              : member(object, "JobID");
  if (!wanted(filter, topic.name, key, job)) return;
  if (!line.empty()) line += ',';
  line += "{\"Topic\":\"" + std::string(topic.name) + "\",\"Type\":\"" + type + "\",\"Key\":" + quoted(key) +
          ",\"Namespace\":\"default\",\"FilterKeys\":";
  line += job.empty() ? "null" : "[" + quoted(job) + "]";
  line += ",\"Index\":" + std::to_string(index) + ",\"Payload\":{\"" + topic.name + "\":" + object + "}}";
}

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
    Queries& then = queries;
    then.as_of(index);
    std::string events;
    std::set<std::pair<Queries::Context, std::uint32_t>> told;  // an object that changed twice is told once, as it is after
    for (const Queries::Happened& h : happened) {
      const auto topic = topic_of(h.kind);
      if (!topic) continue;
      const char* type = type_of(h.command, h.kind);
      if (!stream.filter.contains("*") && !stream.filter.contains(topic->name)) continue;
      if (h.count == 1 && !told.insert({topic->context, h.number}).second) continue;
      for (std::uint32_t i = 0; i < h.count; ++i) {
        append_event(events, stream.filter, *topic, type, index, then.id_of(topic->context, h.number + i),
                     then.object(topic->context, h.number + i));
      }
    }
    stream.next = index + 1;
    if (!events.empty()) out += "{\"Index\":" + std::to_string(index) + ",\"Events\":[" + events + "]}\n";
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
  while (true) {
    bool busy = false;
    LogIndex seen = server_.queries().applied();
    for (auto it = streams.begin(); it != streams.end();) {
      if (!it->writer->alive()) {
        it = streams.erase(it);
        continue;
      }
      busy |= it->writer->queued() < most_queued && serve(*it);
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
      woken_.wait_for(lock, std::chrono::milliseconds(streams.empty() ? 60000 : 1000), [this] { return wake_ || stopping_; });
    }
    wake_ = false;
    if (stopping_) break;
    streams.splice(streams.end(), added_);
  }
  for (Stream& stream : streams) stream.writer->close();
}

}  // namespace orch::http
