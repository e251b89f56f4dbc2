#include "drivers/node/client.h"

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <utility>

#include "drivers/node/task_config.h"

namespace orch::client {

Client::Client(ClientOptions options, std::vector<TaskDriver*> drivers, std::unique_ptr<ServerApi> api)
    : options_(std::move(options)), drivers_(std::move(drivers)), api_(std::move(api)) {
  if (options_.alloc_dir.empty()) options_.alloc_dir = options_.data_dir + "/alloc";
}

Client::~Client() { stop(); }

void Client::say(std::string_view level, const std::string& text) const {
  if (options_.log) options_.log(level, text);
}

std::shared_ptr<const Node> Client::node() const {
  std::lock_guard lock(mutex_);
  return node_;
}

bool Client::pause(Duration time) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, std::chrono::nanoseconds(time.ns), [this] { return stopping_.load(); });
  return !stopping_;
}

std::expected<void, std::string> Client::start() {
  std::error_code error;
  std::filesystem::create_directories(options_.data_dir, error);
  if (!error) std::filesystem::create_directories(options_.alloc_dir, error);
  if (error) return std::unexpected("create the client's folders in " + options_.data_dir + ": " + error.message());
  // Tasks of any user must reach their folders; what is secret has a mode of its own.
  ::chmod(options_.alloc_dir.c_str(), 0711);

  auto identity = load_identity(options_.data_dir);
  if (!identity) return std::unexpected(identity.error());
  identity_ = std::move(*identity);
  auto store = StateStore::open(options_.data_dir + "/state");
  if (!store) return std::unexpected(store.error());
  store_ = std::move(*store);
  if (store_->was_dropped()) say("WARN", "the machine went down while the agent ran: its tasks are started afresh");
  auto entries = store_->load();
  if (!entries) return std::unexpected(entries.error());
  if (api_ == nullptr) {
    auto made = make_http_server_api(options_.servers);
    if (!made) return std::unexpected(made.error());
    api_ = std::move(*made);
  }

  options_.node.node_id = identity_.node_id;
  options_.node.alloc_root = options_.alloc_dir;
  Node node = fingerprint_host(options_.node);
  host_stats_ = std::make_unique<HostStats>(options_.alloc_dir, node.resources.cpu);
  node_ = std::make_shared<const Node>(std::move(node));
  reporter_ =
      std::make_unique<Reporter>(*api_, identity_.node_id, options_.report_pause,
                                 Reporter::Hooks{[this] {
                                                   if (registered_)
                                                     register_anew();  // the first registration is under way anyway
                                                 },
                                                 [this](const std::string& text) { say("WARN", text); },
                                                 [this](const std::map<std::string, std::string>& marks) {
                                                   if (auto noted = store_->put_taken(marks); !noted)
                                                     say("WARN", noted.error());
                                                 }});
  for (StateStore::Entry& entry : *entries) {
    if (!entry.taken.empty()) reporter_->taken_before(entry.alloc_id, std::move(entry.taken));
  }
  started_ = true;

  beat_thread_ = std::thread([this] {
    look_at_drivers();  // an engine that is slow to answer holds up nothing but the registration
    beat();
  });
  driver_thread_ = std::thread([this] { watch_drivers(); });
  poll_thread_ = std::thread([this, entries = std::move(*entries)]() mutable {
    // What runs is taken up before the servers are asked, so that nothing is started twice.
    std::vector<std::pair<TaskDriver*, TaskDriver::Found>> found;
    for (TaskDriver* driver : drivers_) {
      auto listed = driver->list();
      if (!listed) {
        std::lock_guard lock(mutex_);
        unlisted_.insert(driver);
        continue;
      }
      for (TaskDriver::Found& one : *listed) found.emplace_back(driver, std::move(one));
    }
    mailbox_.run_and_wait([&] { restore(std::move(entries), std::move(found)); });
    poll();
  });
  return {};
}

void Client::stop(bool end_tasks, Duration patience) {
  if (!started_.exchange(false)) return;
  const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(patience.ns);
  if (end_tasks) {
    mailbox_.run_and_wait([this] {
      for (const auto& [id, runner] : runners_) runner->end();
    });
    bool ended = false;
    while (!ended && std::chrono::steady_clock::now() < until) {
      ended = true;
      mailbox_.run_and_wait([&] {
        for (const auto& [id, runner] : runners_) ended = ended && runner->finished();
      });
      if (!ended) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    reporter_->flush(milliseconds(500));
  }
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  api_->cancel();
  for (std::thread* thread : {&beat_thread_, &driver_thread_, &poll_thread_}) thread->join();
  mailbox_.run_and_wait([this] {
    for (const auto& [id, runner] : runners_) runner->abandon();
    runners_.clear();
  });
  reporter_->stop();
  const std::int64_t left =
      std::chrono::duration_cast<std::chrono::nanoseconds>(until - std::chrono::steady_clock::now()).count();
  if (const std::size_t stuck = pools_.drain({std::max(left, milliseconds(500).ns)}); stuck > 0) {
    say("WARN", std::to_string(stuck) + " driver calls have not come back");
  }
  mailbox_.stop();
}

// ---- for the client API

std::expected<Client::Found, Client::Refusal> Client::find_allocation(const std::string& id) const {
  if (id.size() != 36) {
    return std::unexpected(Refusal{500, "alloc lookup failed: index error: UUID must be 36 characters"});
  }
  std::lock_guard lock(mutex_);
  const auto at = published_.find(id);
  if (at == published_.end()) return std::unexpected(Refusal{404, "Unknown allocation \"" + id + "\""});
  return at->second.found;
}

bool Client::is_finished(const std::string& id) const {
  std::lock_guard lock(mutex_);
  const auto at = published_.find(id);
  return at == published_.end() || at->second.finished;
}

std::string Client::host_stats() { return host_stats_->json(read_moment().wall); }

std::expected<std::map<std::string, TaskStats>, std::string> Client::allocation_stats(const std::string& id,
                                                                                      const std::string& task) {
  std::map<std::string, std::pair<TaskDriver*, std::string>> handles;
  {
    std::lock_guard lock(mutex_);
    const auto at = published_.find(id);
    if (at == published_.end()) return std::unexpected("Unknown allocation \"" + id + "\"");
    handles = at->second.handles;
  }
  std::map<std::string, TaskStats> usage;
  for (const auto& [name, handle] : handles) {
    if (!task.empty() && task != name) continue;
    auto stats = handle.first->stats(handle.second);
    if (!stats) continue;
    stats->cpu_mhz = stats->cpu_percent / 100 * core_mhz(*node());
    usage[name] = *stats;
  }
  if (!task.empty() && usage.empty()) return std::unexpected("task \"" + task + "\" does not run");
  return usage;
}

std::expected<void, std::string> Client::restart_task(const std::string& id, const std::string& task) {
  std::expected<void, std::string> done;
  mailbox_.run_and_wait([&] {
    const auto at = runners_.find(id);
    if (at == runners_.end()) {
      done = std::unexpected("Unknown allocation \"" + id + "\"");
    } else if (at->second->finished()) {
      done = std::unexpected("the allocation's tasks have ended");
    } else if (!task.empty() && !at->second->machine().tasks().contains(task)) {
      done = std::unexpected("Could not find task \"" + task + "\" in the allocation");
    } else {
      at->second->restart(task);
    }
  });
  return done;
}

std::expected<void, std::string> Client::signal_task(const std::string& id, const std::string& task,
                                                     const std::string& signal) {
  if (signal.empty()) return std::unexpected("Signal: expected the name of a signal, such as SIGHUP");
  std::expected<void, std::string> done;
  mailbox_.run_and_wait([&] {
    const auto at = runners_.find(id);
    if (at == runners_.end()) {
      done = std::unexpected("Unknown allocation \"" + id + "\"");
    } else if (!task.empty() && !at->second->machine().tasks().contains(task)) {
      done = std::unexpected("Could not find task \"" + task + "\" in the allocation");
    } else {
      at->second->signal(task, signal);
    }
  });
  return done;
}

std::map<std::string, std::string> Client::facts() const {
  std::map<std::string, std::string> facts;
  std::size_t running = 0;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [id, one] : published_) running += one.finished ? 0 : 1;
    facts["num_allocations"] = std::to_string(published_.size());
  }
  facts["num_running_allocations"] = std::to_string(running);
  facts["node_id"] = identity_.node_id;
  facts["registered"] = registered_ ? "true" : "false";
  return facts;
}

}  // namespace orch::client
