#include "cli/agent/client/client.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <utility>

#include "core/runner/snapshot_json.h"

namespace orch::client {
namespace {

namespace json = boost::json;

constexpr Duration poll_wait = seconds(60);
// An allocation that an older answer leaves out is believed gone when it is still left out this much later.
constexpr Duration doubt = seconds(3);
constexpr Duration heartbeat_default = seconds(10);

}  // namespace

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
  fingerprint_drivers(node, drivers_, read_moment().wall);
  host_stats_ = std::make_unique<HostStats>(options_.alloc_dir, node.resources.cpu);
  node_ = std::make_shared<const Node>(std::move(node));
  reporter_ = std::make_unique<Reporter>(
      *api_, identity_.node_id, options_.report_pause,
      Reporter::Hooks{[this] {
                        {
                          std::lock_guard lock(mutex_);
                          register_again_ = true;
                        }
                        wake_.notify_all();
                      },
                      [this](const std::string& text) { say("WARN", text); }});
  started_ = true;

  beat_thread_ = std::thread([this] { beat(); });
  driver_thread_ = std::thread([this] { watch_drivers(); });
  poll_thread_ = std::thread([this, entries = std::move(*entries)]() mutable {
    // What runs is taken up before the servers are asked, so that nothing is started twice.
    std::vector<std::pair<TaskDriver*, TaskDriver::Found>> found;
    for (TaskDriver* driver : drivers_) {
      for (TaskDriver::Found& one : driver->list()) found.emplace_back(driver, std::move(one));
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
  mailbox_.run_and_wait([this] { runners_.clear(); });
  reporter_->stop();
  const std::int64_t left =
      std::chrono::duration_cast<std::chrono::nanoseconds>(until - std::chrono::steady_clock::now()).count();
  if (const std::size_t stuck = pool_.drain({std::max(left, milliseconds(500).ns)}); stuck > 0) {
    say("WARN", std::to_string(stuck) + " driver calls have not come back");
  }
  mailbox_.stop();
}

// ---- towards the servers

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
  while (pause(options_.driver_check_every)) {
    Node node = *this->node();
    if (!fingerprint_drivers(node, drivers_, read_moment().wall)) continue;
    {
      std::lock_guard lock(mutex_);
      node_ = std::make_shared<const Node>(std::move(node));
      register_again_ = true;
    }
    wake_.notify_all();
    say("INFO", "the health of a task driver changed");
  }
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
        std::lock_guard lock(mutex_);
        register_again_ = true;
        wake_.notify_all();
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

// ---- allocations, on the mailbox's thread

AllocationRunner::Surroundings Client::surroundings() {
  return {
      .mailbox = mailbox_,
      .pool = pool_,
      .store = *store_,
      .rotator = rotator_,
      .stopping = stopping_,
      .alloc_root = options_.alloc_dir,
      .region = options_.region,
      .max_kill_timeout = options_.max_kill_timeout,
      .driver =
          [this](const std::string& name) {
            const auto at = std::find_if(drivers_.begin(), drivers_.end(), [&](TaskDriver* d) { return d->name() == name; });
            return at == drivers_.end() ? nullptr : *at;
          },
      .node = [this] { return node(); },
      .take_stray =
          [this](const std::string& alloc_id, const std::string& task) {
            const auto at = strays_.find({alloc_id, task});
            if (at == strays_.end()) return std::string();
            std::string handle = std::move(at->second);
            strays_.erase(at);
            return handle;
          },
      .changed =
          [this](AllocationRunner& runner, bool tell_servers) {
            publish(runner);
            if (tell_servers) reporter_->put_allocation(runner.spec().id, runner.report_json());
            if (runner.finished()) keep_within_limits();
          },
      .services_changed =
          [this] {
            if (std::exchange(services_dirty_, true)) return;
            mailbox_.post([this] { publish_services(); });
          },
      .log = [this](std::string_view level, const std::string& text) { say(level, text); },
  };
}

void Client::restore(std::vector<StateStore::Entry> entries,
                     std::vector<std::pair<TaskDriver*, TaskDriver::Found>> found) {
  struct Restored {
    AllocationSpec spec;
    std::string run;
  };
  std::map<std::string, Restored> restored;
  std::set<std::string> noted;  // handles that a task has
  std::map<std::string, std::vector<std::pair<TaskDriver*, std::string>>> unknown;
  for (StateStore::Entry& entry : entries) {
    auto spec = allocation_from_text(entry.allocation);
    if (!spec) {
      say("ERROR", "stored state of allocation " + entry.alloc_id + " is dropped: " + spec.error());
      (void)store_->remove(entry.alloc_id);
      continue;
    }
    if (!entry.run.empty()) {
      if (auto snapshot = snapshot_from_json(entry.run)) {
        for (const auto& [name, task] : snapshot->tasks) {
          if (!task.handle.empty()) noted.insert(task.handle);
        }
      }
    }
    restored.emplace(entry.alloc_id, Restored{std::move(*spec), std::move(entry.run)});
  }
  for (auto& [driver, one] : found) {
    if (noted.contains(one.handle)) continue;
    if (restored.contains(one.alloc_id) && strays_.emplace(std::pair(one.alloc_id, one.task_name), one.handle).second) {
      continue;
    }
    // Another agent on this machine may share the engine. What we start has its folder here before, and until after.
    if (one.alloc_id.size() != 36 || !std::filesystem::exists(options_.alloc_dir + "/" + one.alloc_id)) continue;
    say("WARN", "a task of allocation " + one.alloc_id + " that nobody knows is ended: " + one.handle);
    unknown[one.alloc_id].emplace_back(driver, one.handle);
  }
  const auto end_unknown = [&](const std::string& alloc_id) {
    return [tasks = std::exchange(unknown[alloc_id], {})] {
      for (const auto& [driver, handle] : tasks) {
        (void)driver->stop(handle, "", seconds(5));
        (void)driver->destroy(handle);
      }
    };
  };
  // Folders that a killed agent had no time to remove. After a reboot the store was dropped and says nothing of them.
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(options_.alloc_dir, ignored)) {
    const std::string name = entry.path().filename().string();
    if (store_->was_dropped() || name.size() != 36 || restored.contains(name)) continue;
    pool_.run([this, end = end_unknown(name), dir = AllocDir(options_.alloc_dir, name)]() mutable {
      end();
      if (auto gone = dir.destroy(); !gone) say("WARN", gone.error());
    });
  }
  for (const auto& [alloc_id, tasks] : std::map(unknown)) {
    if (!tasks.empty()) pool_.run(end_unknown(alloc_id));
  }
  for (auto& [id, one] : restored) add(std::move(one.spec), one.run);
  // What no start has claimed is left over from a task that has ended since.
  for (auto& [key, handle] : std::exchange(strays_, {})) {
    const auto runner = runners_.find(key.first);
    if (runner == runners_.end()) continue;
    for (auto& [driver, one] : found) {
      if (one.handle != handle) continue;
      pool_.run([driver = driver, handle = handle] {
        (void)driver->stop(handle, "", seconds(5));
        (void)driver->destroy(handle);
      });
    }
  }
  if (!restored.empty()) say("INFO", std::to_string(restored.size()) + " allocations are taken up again");
}

void Client::add(AllocationSpec spec, const std::string& run_state) {
  const std::string id = spec.id;
  auto runner = std::make_shared<AllocationRunner>(surroundings(), std::move(spec));
  runners_[id] = runner;
  if (auto begun = runner->begin(run_state); !begun) {
    say("ERROR", "allocation " + id + ": " + begun.error() + "; it is started afresh");
    runner = std::make_shared<AllocationRunner>(surroundings(), runner->spec());
    runners_[id] = runner;
    (void)runner->begin("");
  }
}

void Client::take(std::vector<AllocationSpec> changed, std::set<std::string> listed, std::uint64_t index) {
  for (AllocationSpec& spec : changed) {
    const auto at = runners_.find(spec.id);
    if (at != runners_.end()) {
      if (spec.alloc_modify_index > at->second->spec().alloc_modify_index) at->second->update(std::move(spec));
      continue;
    }
    // Ended here before, as the servers know, and forgotten since.
    if (spec.client_status == "complete" || spec.client_status == "failed" || spec.client_status == "lost") continue;
    if (auto stored = store_->put_allocation(spec.id, spec.json); !stored) say("ERROR", stored.error());
    add(std::move(spec), "");
  }
  std::vector<std::string> gone;
  const Elapsed now = read_moment().elapsed;
  for (const auto& [id, runner] : runners_) {
    if (listed.contains(id)) {
      missing_since_.erase(id);
      continue;
    }
    // An answer that is older than the allocation may come from servers that don't know it yet, and tasks are not ended
    // on a single such word.
    const Elapsed since = missing_since_.try_emplace(id, now).first->second;
    if (index >= runner->spec().create_index || now - since >= doubt) gone.push_back(id);
  }
  for (const std::string& id : gone) {
    missing_since_.erase(id);
    forget(id);
  }
  doubtful_ = !missing_since_.empty();
}

void Client::forget(const std::string& id) {
  const auto at = runners_.find(id);
  if (at == runners_.end()) return;
  if (leaving_.insert(id).second) at->second->end();
  if (!at->second->finished()) return;  // `publish` comes back when it is
  at->second->when_quiet([this, id] {
    const auto runner = runners_.find(id);
    if (runner == runners_.end()) return;
    if (auto removed = store_->remove(id); !removed) say("ERROR", removed.error());
    reporter_->forget(id);
    pool_.run([this, dir = runner->second->dir()]() mutable {
      if (auto gone = dir.destroy(); !gone) say("WARN", gone.error());
    });
    runners_.erase(runner);
    leaving_.erase(id);
    collected_.erase(id);
    std::lock_guard lock(mutex_);
    published_.erase(id);
  });
}

void Client::publish(AllocationRunner& runner) {
  const std::string& id = runner.spec().id;
  Published made;
  made.found = {id, runner.dir().path(), runner.spec().group_name, {}};
  for (const Task& task : runner.spec().group()->tasks) made.found.tasks.push_back(task.name);
  made.finished = runner.finished();
  made.handles = runner.handles();
  {
    std::lock_guard lock(mutex_);
    published_[id] = std::move(made);
  }
  if (runner.finished() && leaving_.contains(id)) mailbox_.post([this, id] { forget(id); });
}

void Client::publish_services() {
  services_dirty_ = false;
  std::string list = "[";
  for (const auto& [id, runner] : runners_) runner->append_services(list);
  if (list.back() == ',') list.pop_back();
  reporter_->put_services(list + "]");
}

// ---- garbage

void Client::keep_within_limits() {
  std::vector<AllocationRunner*> ended;
  for (const auto& [id, runner] : runners_) {
    if (runner->finished()) ended.push_back(runner.get());
  }
  std::sort(ended.begin(), ended.end(), [](auto* a, auto* b) { return a->finished_at() < b->finished_at(); });
  struct statvfs info {};
  bool full = false;
  if (::statvfs(options_.alloc_dir.c_str(), &info) == 0 && info.f_blocks > 0) {
    full = 100.0 * static_cast<double>(info.f_blocks - info.f_bfree) / static_cast<double>(info.f_blocks) >
           options_.most_disk_percent;
  }
  std::size_t keep = options_.most_ended_allocations;
  if (full) keep = std::min<std::size_t>(keep, 1);  // the newest stays, so that its logs can be read
  for (std::size_t i = 0; i + keep < ended.size(); ++i) collect(ended[i]->spec().id);
}

void Client::collect(const std::string& id) {
  const auto at = runners_.find(id);
  if (at == runners_.end() || !at->second->finished() || !collected_.insert(id).second) return;
  // State stays until the servers forget the allocation too, or it would be started again.
  at->second->when_quiet([this, dir = at->second->dir()]() mutable {
    pool_.run([this, dir]() mutable {
      if (auto gone = dir.destroy(); !gone) say("WARN", gone.error());
    });
  });
}

void Client::collect_garbage(const std::string& id) {
  mailbox_.post([this, id] {
    if (!id.empty()) return collect(id);
    for (const auto& [each, runner] : runners_) collect(each);
  });
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
    if (stats) usage[name] = *stats;
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
