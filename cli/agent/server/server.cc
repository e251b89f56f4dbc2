#include "cli/agent/server/server.h"

#include <algorithm>
#include <chrono>

namespace orch {

std::int64_t monotonic_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

WallTime wall_now() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

/// Passes everything on to the views and notes which watch keys a turn touches.
class Server::Watching final : public ProjectionPort {
 public:
  Watching(Views& views, WatchHub& hub, Snapshotter& snapshots) : views_(views), hub_(hub), snapshots_(snapshots) {}

  void fold(const State& state, LogIndex index, const wire::Group& group, const Outcome& outcome) override {
    views_.fold(state, index, group, outcome);
    index_ = index;
    std::uint64_t events = 0;
    for (const Event& event : outcome.events) events += event.count;
    snapshots_.applied(events);
    if (!watching_) return;
    for (const Event& event : outcome.events) note(state, event);
  }

  bool flush() override {
    if (!views_.flush()) return false;
    if (!watching_) return true;
    keys_.push_back({WatchKind::log});
    hub_.touch(keys_, index_, monotonic_ns());
    keys_.clear();
    return true;
  }

  void discard() override {
    views_.discard();
    keys_.clear();
  }

  /// From now on; nobody watches while the log is folded at start.
  void begin() { watching_ = true; }

 private:
  void add(WatchKind all, WatchKind one, std::uint32_t number) {
    keys_.push_back({all});
    keys_.push_back({one, number});
  }

  void allocation(const State& state, std::uint32_t n) {
    const AllocationState& a = state.allocations()[n];
    add(WatchKind::allocations, WatchKind::allocation, n);
    keys_.push_back({WatchKind::job_allocations, a.job.value});
  }

  void note(const State& state, const Event& event) {
    switch (event.kind) {
      case EventKind::job_registered:
      case EventKind::job_deregistered:
      case EventKind::job_changed: add(WatchKind::jobs, WatchKind::job, event.number); break;
      case EventKind::node_registered:
      case EventKind::node_changed: add(WatchKind::nodes, WatchKind::node, event.number); break;
      case EventKind::evaluation_changed:
        add(WatchKind::evaluations, WatchKind::evaluation, event.number);
        keys_.push_back({WatchKind::job_evaluations, state.evaluations()[event.number].job.value});
        break;
      case EventKind::deployment_changed:
        add(WatchKind::deployments, WatchKind::deployment, event.number);
        keys_.push_back({WatchKind::job_deployments, state.deployments()[event.number].job.value});
        break;
      case EventKind::allocations_placed:
        for (std::uint32_t i = 0; i < event.count; ++i) {
          keys_.push_back({WatchKind::node_allocations, state.allocations()[event.number + i].node.value});
        }
        add(WatchKind::jobs, WatchKind::job, state.allocations()[event.number].job.value);
        allocation(state, event.number);
        break;
      case EventKind::allocation_desired:
        keys_.push_back({WatchKind::node_allocations, state.allocations()[event.number].node.value});
        allocation(state, event.number);
        break;
      case EventKind::allocation_client: allocation(state, event.number); break;
      case EventKind::services_changed: keys_.push_back({WatchKind::services}); break;
    }
  }

  Views& views_;
  WatchHub& hub_;
  Snapshotter& snapshots_;
  bool watching_ = false;
  LogIndex index_ = 0;
  std::vector<WatchKey> keys_;
};

Server::Server(std::unique_ptr<Log> log, std::unique_ptr<TableStore> store, Options options)
    : options_(std::move(options)), log_(std::move(log)), store_(std::move(store)), snapshots_(*log_, options_.snapshots, options_.say) {
  views_ = std::make_unique<Views>(*store_);
  watching_ = std::make_unique<Watching>(*views_, watches_, snapshots_);
  auto kept_state = [this] { return snapshots_.newest(std::min(views_->applied(), log_->head())); };
  loop_ = std::make_unique<Loop>(*log_, *watching_, log_->id(), Loop::Options{.server_name = options_.name, .kept_state = kept_state});
}

Server::~Server() { stop(); }

std::expected<void, std::string> Server::start(const std::function<void(LogIndex)>& progress) {
  const std::int64_t begin = monotonic_ns();
  if (auto recovered = loop_->recover(progress); !recovered) return std::unexpected(recovered.error().message);
  if (options_.say) {
    const LogIndex from = snapshots_.index(), index = loop_->state().index();
    options_.say("INFO", "server: the log is folded up to index " + std::to_string(index) +
                             (from != 0 ? " from a snapshot at index " + std::to_string(from) : "") + " in " +
                             std::to_string((monotonic_ns() - begin) / 1'000'000) + " ms");
  }
  snapshots_.start();
  watching_->begin();
  // Nodes that were ready get their whole time to be heard of again.
  const std::int64_t now = monotonic_ns();
  for (const NodeState& node : loop_->state().nodes()) {
    if (node.status == NodeStatus::ready) {
      heartbeats_.heard(node.node->id, now, options_.heartbeat_ttl + options_.heartbeat_grace);
    }
  }
  thread_ = std::thread([this] { run(); });
  return {};
}

void Server::stop() {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  arrived_.notify_all();
  snapshots_.stop();
  if (thread_.joinable()) {
    thread_.join();
    if (!loop_->needs_recovery()) snapshots_.write_last(loop_->state());
  }
  watches_.close();
}

void Server::submit(std::string group, Completion done) { enqueue({std::move(group), std::move(done)}); }
void Server::submit_report(std::string group, Completion done) { enqueue({std::move(group), std::move(done), true}); }

void Server::enqueue(Submission submission) {
  if (submission.group.size() > group_bytes_max) {
    if (submission.done) submission.done(std::unexpected(LogError{LogError::Kind::too_large, "the request is larger than a record may be"}));
    return;
  }
  {
    std::lock_guard lock(mutex_);
    if (!stopping_) {
      submissions_.push_back(std::move(submission));
      arrived_.notify_one();
      return;
    }
  }
  if (submission.done) submission.done(std::unexpected(LogError{LogError::Kind::unavailable, "the agent is shutting down"}));
}

void Server::inspect(std::function<void(const State&)> question) {
  std::lock_guard lock(mutex_);
  questions_.push_back(std::move(question));
  arrived_.notify_one();
}

bool Server::heartbeat(const std::string& node_id) {
  if (!heartbeats_.known(node_id)) return false;
  heartbeats_.heard(node_id, monotonic_ns(), options_.heartbeat_ttl + options_.heartbeat_grace);
  return true;
}

void Server::node_registered(const std::string& node_id) {
  heartbeats_.heard(node_id, monotonic_ns(), options_.heartbeat_ttl + options_.heartbeat_grace);
}

void Server::run() {
  std::vector<Submission> taken;
  std::vector<std::function<void(const State&)>> questions;
  bool more = false;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (!more && submissions_.empty() && questions_.empty() && !stopping_) {
        const std::int64_t now = monotonic_ns();
        std::int64_t wake = std::min(watches_.next_deadline(), heartbeats_.next_deadline());
        // A full disk is not tried again in a hurry for what is due anyway.
        const bool refused = loop_->refused() || loop_->needs_recovery();
        if (!refused) wake = std::min(wake, now + std::max<std::int64_t>(0, loop_->until_deadline().ns));
        const std::int64_t longest = seconds(1).ns;  // waiters may arrive with a nearer deadline meanwhile
        arrived_.wait_for(lock, std::chrono::nanoseconds(std::clamp<std::int64_t>(wake - now, 100'000, longest)));
      }
      taken.swap(submissions_);
      questions.swap(questions_);
      if (stopping_ && taken.empty()) return;
    }
    const std::int64_t now = monotonic_ns();
    for (const std::string& node : heartbeats_.take_silent(now)) {
      GroupBuilder group;
      group.set_node_status(node, NodeStatus::down);
      taken.push_back({group.finish({.actor = options_.name}), [this, node](const auto& answered) {
                         // Not written: it is told again when the node is still silent then.
                         if (!answered) heartbeats_.heard(node, monotonic_ns(), seconds(1));
                       }});
    }
    more = false;
    if (!loop_->needs_recovery()) {
      more = loop_->turn(taken, {.wall = wall_now(), .monotonic_ns = now, .monotonic_now = monotonic_ns});
    }
    if (loop_->needs_recovery()) {
      const auto recovered = loop_->recover();
      for (Submission& s : taken) {
        if (s.done) s.done(std::unexpected(recovered ? LogError{LogError::Kind::unavailable, "the agent was busy with its log; retry"} : recovered.error()));
      }
      taken.clear();
    }
    for (auto& question : questions) question(loop_->state());
    questions.clear();
    watches_.expire(now);
  }
}

}  // namespace orch
