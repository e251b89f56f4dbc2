#include "drivers/node/client.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "core/base/assert.h"
#include "drivers/node/identity.h"
#include "drivers/node/task_config.h"

namespace orch::client {
namespace {

// What is asked of a mailbox that has stopped is not done.
constexpr char going_down[] = "the agent is shutting down";

}  // namespace

Client::Client(ClientOptions options, std::vector<TaskDriver*> drivers, std::unique_ptr<ServerApi> api)
    : options_(std::move(options)), drivers_(std::move(drivers)), api_(std::move(api)) {
  if (options_.alloc_dir.empty()) options_.alloc_dir = options_.data_dir + "/alloc";
}

Client::~Client() { stop(); }

void Client::say(std::string_view level, const std::string& text) const {
  if (options_.log) options_.log(level, text);
}

// ---- beginning and ending

std::expected<void, std::string> Client::start() {
  ORCH_ASSERT(!made_, "a client is started once");
  std::error_code error;
  std::filesystem::create_directories(options_.data_dir, error);
  if (!error) std::filesystem::create_directories(options_.alloc_dir, error);
  if (error) return std::unexpected("create the client's folders in " + options_.data_dir + ": " + error.message());
  // Tasks of any user must reach their folders; what is secret has a mode of its own.
  ::chmod(options_.alloc_dir.c_str(), 0711);

  auto identity = load_identity(options_.data_dir);
  if (!identity) return std::unexpected(identity.error());
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

  options_.node.node_id = identity->node_id;
  options_.node.alloc_root = options_.alloc_dir;
  Node node = fingerprint_host(options_.node);
  host_stats_ = std::make_unique<HostStats>(options_.alloc_dir, node.resources.cpu);
  const Say say = [this](std::string_view level, const std::string& text) { this->say(level, text); };
  registration_ = std::make_unique<Registration>(*api_, std::move(*identity), std::move(node), say);
  reporter_ = make_reporter();
  for (StateStore::Entry& entry : *entries) {
    if (!entry.taken.empty()) reporter_->taken_before(entry.alloc_id, std::move(entry.taken));
  }
  driver_watch_ = make_driver_watch();
  allocations_ = make_allocations();
  poller_ = make_poller();
  made_ = started_ = true;

  // An engine that is slow to answer holds up nothing but the registration.
  registration_->start([this] { driver_watch_->look(); });
  driver_watch_->start();
  poller_->start([this, entries = std::move(*entries)]() mutable {
    // What runs is taken up before the servers are asked, so that nothing is started twice.
    std::vector<FoundTask> found = driver_watch_->list();
    mailbox_.run_and_wait([&] { allocations_->restore(std::move(entries), std::move(found)); });
  });
  return {};
}

std::unique_ptr<Reporter> Client::make_reporter() {
  Reporter::Hooks hooks;
  hooks.unknown_node = [this] {
    if (registration_->registered()) registration_->again();  // the first registration is under way anyway
  };
  hooks.warn = [this](const std::string& text) { say("WARN", text); };
  hooks.taken = [this](const std::map<std::string, std::string>& marks) {
    if (auto noted = store_->put_taken(marks); !noted) say("WARN", noted.error());
  };
  return std::make_unique<Reporter>(*api_, registration_->node_id(), options_.report_pause, std::move(hooks));
}

std::unique_ptr<DriverWatch> Client::make_driver_watch() {
  DriverWatch::Hooks hooks;
  hooks.found = [this](std::vector<FoundTask> found) {
    mailbox_.post([this, found = std::move(found)]() mutable { allocations_->end_strangers(std::move(found)); });
  };
  hooks.disk_told = [this](const std::string& text) {
    mailbox_.post([this, text] { allocations_->tell_tasks(text); });
  };
  return std::make_unique<DriverWatch>(drivers_, options_.alloc_dir, options_.driver_check_every, *registration_,
                                       stopping_, std::move(hooks),
                                       [this](std::string_view level, const std::string& text) { say(level, text); });
}

std::unique_ptr<Allocations> Client::make_allocations() {
  const Allocations::Parts parts{mailbox_,   pools_, starts_,        *store_,        rotator_,
                                 *reporter_, table_, *registration_, *driver_watch_, stopping_};
  Allocations::Settings settings{.alloc_dir = options_.alloc_dir,
                                 .region = options_.region,
                                 .max_kill_timeout = options_.max_kill_timeout,
                                 .most_ended = options_.most_ended_allocations,
                                 .most_disk_percent = options_.most_disk_percent};
  return std::make_unique<Allocations>(parts, std::move(settings), drivers_,
                                       [this](std::string_view level, const std::string& text) { say(level, text); });
}

std::unique_ptr<Poller> Client::make_poller() {
  const auto take = [this](Poller::News news) {
    std::optional<Duration> again;
    // Waited for, because what it finds missing decides how long to ask for next.
    mailbox_.run_and_wait([&] { again = allocations_->take(std::move(news)); });
    return again;
  };
  return std::make_unique<Poller>(*api_, *registration_, stopping_, take,
                                  [this](std::string_view level, const std::string& text) { say(level, text); });
}

void Client::end_tasks(Elapsed until) {
  mailbox_.run_and_wait([this] { allocations_->end_all(); });
  for (;;) {
    bool ended = false;
    mailbox_.run_and_wait([&] { ended = allocations_->all_finished(); });
    if (ended || read_moment().elapsed >= until) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  reporter_->flush(milliseconds(500));
}

void Client::stop(bool end_tasks, Duration patience) {
  if (!started_.exchange(false)) return;
  const Elapsed until = read_moment().elapsed + patience;
  if (end_tasks) this->end_tasks(until);
  stopping_.set();
  api_->cancel();
  registration_->stop();
  driver_watch_->stop();
  poller_->stop();
  mailbox_.run_and_wait([this] { allocations_->abandon_all(); });
  reporter_->stop();
  const Duration left = std::max(until - read_moment().elapsed, milliseconds(500));
  if (const std::size_t stuck = pools_.drain(left); stuck > 0) {
    say("WARN", std::to_string(stuck) + " driver calls have not come back");
  }
  mailbox_.stop();
}

// ---- the door

std::string Client::node_id() const { return made_ ? registration_->node_id() : ""; }

void Client::describe(const StringMap& meta, const std::string& node_class) {
  ORCH_ASSERT(made_, "a node is described anew once it has been described");
  registration_->change([&](Node& node) {
    node.meta = meta;
    node.node_class = node_class;
    return true;
  });
  registration_->again();
}

std::expected<Client::Found, Client::Refusal> Client::find_allocation(const std::string& id) const {
  if (id.size() != 36) {
    return std::unexpected(Refusal{500, "alloc lookup failed: index error: UUID must be 36 characters"});
  }
  const auto row = table_.find(id);
  if (!row) return std::unexpected(Refusal{404, "Unknown allocation \"" + id + "\""});
  return Found{id, row->path, row->group, row->tasks};
}

std::string Client::host_stats() { return host_stats_->json(read_moment().wall); }

std::expected<std::map<std::string, TaskStats>, std::string> Client::allocation_stats(const std::string& id,
                                                                                      const std::string& task) {
  const auto row = table_.find(id);
  if (!row) return std::unexpected("Unknown allocation \"" + id + "\"");
  std::map<std::string, TaskStats> usage;
  for (const auto& [name, handle] : row->handles) {
    if (!task.empty() && task != name) continue;
    auto stats = handle.first->stats(handle.second);
    if (!stats) continue;
    stats->cpu_mhz = stats->cpu_percent / 100 * core_mhz(*registration_->node());
    usage[name] = *stats;
  }
  if (!task.empty() && usage.empty()) return std::unexpected("task \"" + task + "\" does not run");
  return usage;
}

std::expected<void, std::string> Client::restart_task(const std::string& id, const std::string& task) {
  std::expected<void, std::string> done = std::unexpected(std::string(going_down));
  mailbox_.run_and_wait([&] { done = allocations_->restart(id, task); });
  return done;
}

std::expected<void, std::string> Client::signal_task(const std::string& id, const std::string& task,
                                                     const std::string& signal) {
  if (signal.empty()) return std::unexpected("Signal: expected the name of a signal, such as SIGHUP");
  std::expected<void, std::string> done = std::unexpected(std::string(going_down));
  mailbox_.run_and_wait([&] { done = allocations_->signal(id, task, signal); });
  return done;
}

void Client::collect_garbage(const std::string& id) {
  mailbox_.post([this, id] { allocations_->collect_garbage(id); });
}

std::map<std::string, std::string> Client::facts() const {
  const AllocationTable::Counts counts = table_.counts();
  std::map<std::string, std::string> facts;
  facts["num_allocations"] = std::to_string(counts.all);
  facts["num_running_allocations"] = std::to_string(counts.running);
  facts["node_id"] = node_id();
  facts["registered"] = made_ && registration_->registered() ? "true" : "false";
  return facts;
}

}  // namespace orch::client
