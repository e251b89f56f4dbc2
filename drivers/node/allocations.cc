#include "drivers/node/allocations.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <utility>

#include "core/base/assert.h"

namespace orch::client {
namespace {

// An allocation that an older answer leaves out is believed gone when it is still left out this much later.
constexpr Duration doubt = seconds(3);

}  // namespace

Allocations::Allocations(Parts parts, Settings settings, std::vector<TaskDriver*> drivers, Say say)
    : parts_(parts), settings_(std::move(settings)), drivers_(std::move(drivers)), say_(std::move(say)) {}

// ---- what an allocation asks and tells

TaskDriver* Allocations::driver(const std::string& name) const {
  const auto at = std::find_if(drivers_.begin(), drivers_.end(), [&](TaskDriver* one) { return one->name() == name; });
  return at == drivers_.end() ? nullptr : *at;
}

std::shared_ptr<const Node> Allocations::node() const { return parts_.registration.node(); }

std::string Allocations::take_stray(const std::string& alloc_id, const std::string& task) {
  const auto at = strays_.find({alloc_id, task});
  if (at == strays_.end()) return "";
  std::string handle = std::move(at->second);
  strays_.erase(at);
  return handle;
}

void Allocations::changed(AllocationRunner& runner, bool tell_servers) {
  publish(runner);
  if (tell_servers) parts_.reporter.put_allocation(runner.spec().id, runner.report_json());
  if (runner.finished()) keep_within_limits();
}

void Allocations::services_changed() {
  if (std::exchange(services_dirty_, true)) return;
  parts_.mailbox.post([this] { publish_services(); });
}

void Allocations::look_again(TaskDriver& driver) { parts_.driver_watch.look_again(driver); }

void Allocations::say(std::string_view level, const std::string& text) const { say_(level, text); }

// ---- coming and going

AllocationRunner::Surroundings Allocations::surroundings() {
  return {
      .mailbox = parts_.mailbox,
      .pools = parts_.pools,
      .starts = parts_.starts,
      .store = parts_.store,
      .rotator = parts_.rotator,
      .stopping = parts_.stopping,
      .host = *this,
      .observer = *this,
      .alloc_root = settings_.alloc_dir,
      .region = settings_.region,
      .max_kill_timeout = settings_.max_kill_timeout,
  };
}

void Allocations::add(AllocationSpec spec, const std::string& run_state) {
  ORCH_ASSERT(parts_.mailbox.on_thread(), "allocations come and go on the mailbox's thread");
  const std::string id = spec.id;
  ORCH_ASSERT(!runners_.contains(id), "an allocation is run once");
  auto runner = std::make_shared<AllocationRunner>(surroundings(), std::move(spec));
  runners_[id] = runner;
  if (auto begun = runner->begin(run_state); !begun) {
    say("ERROR", "allocation " + id + ": " + begun.error() + "; it is started afresh");
    runner = std::make_shared<AllocationRunner>(surroundings(), runner->spec());
    runners_[id] = runner;
    (void)runner->begin("");
  }
}

std::optional<Duration> Allocations::take(Poller::News news) {
  for (const AllocationSpec& spec : news.changed)
    ORCH_ASSERT(news.listed.contains(spec.id), "what has changed stands in the list");
  for (AllocationSpec& spec : news.changed) {
    const auto at = runners_.find(spec.id);
    if (at != runners_.end()) {
      // Their first list since the start: servers whose log was restored from a copy may have lost what they took.
      if (!compared_ && spec.client_status != "lost" &&
          spec.client_status != text(at->second->machine().client_status())) {
        parts_.reporter.put_again(spec.id, at->second->report_json());
      }
      if (spec.alloc_modify_index > at->second->spec().alloc_modify_index) at->second->update(std::move(spec));
      continue;
    }
    // Ended here before, as the servers know, and forgotten since.
    if (spec.client_status == "complete" || spec.client_status == "failed" || spec.client_status == "lost") continue;
    if (auto stored = parts_.store.put_allocation(spec.id, spec.json); !stored) say("ERROR", stored.error());
    add(std::move(spec), "");
  }
  compared_ = true;
  std::vector<std::string> gone;
  const Elapsed now = read_moment().elapsed;
  for (const auto& [id, runner] : runners_) {
    if (news.listed.contains(id)) {
      missing_since_.erase(id);
      continue;
    }
    // An answer that is older than the allocation may come from servers that don't know it yet, and tasks are not ended
    // on a single such word.
    const Elapsed since = missing_since_.try_emplace(id, now).first->second;
    if (news.index >= runner->spec().create_index || now - since >= doubt) gone.push_back(id);
  }
  for (const std::string& id : gone) {
    missing_since_.erase(id);
    forget(id);
  }
  if (missing_since_.empty()) return std::nullopt;
  return doubt + milliseconds(100);
}

void Allocations::forget(const std::string& id) {
  ORCH_ASSERT(parts_.mailbox.on_thread(), "allocations come and go on the mailbox's thread");
  const auto at = runners_.find(id);
  if (at == runners_.end()) return;
  if (leaving_.insert(id).second) at->second->end();
  if (!at->second->finished()) return;  // `publish` comes back when it is
  at->second->when_quiet([this, id] {
    const auto runner = runners_.find(id);
    if (runner == runners_.end()) return;
    if (auto removed = parts_.store.remove(id); !removed) say("ERROR", removed.error());
    parts_.reporter.forget(id);
    aside([this, dir = runner->second->dir()]() mutable {
      if (auto gone = dir.destroy(); !gone) say("WARN", gone.error());
    });
    runners_.erase(runner);
    leaving_.erase(id);
    collected_.erase(id);
    parts_.table.remove(id);
  });
}

void Allocations::end_all() {
  for (const auto& [id, runner] : runners_) runner->end();
}

bool Allocations::all_finished() const {
  return std::all_of(runners_.begin(), runners_.end(), [](const auto& one) { return one.second->finished(); });
}

void Allocations::abandon_all() {
  for (const auto& [id, runner] : runners_) runner->abandon();
  runners_.clear();
  ORCH_ASSERT(parts_.starts.waiting() == 0, "starts that are no longer wanted don't wait for their turn");
}

// ---- what users ask for

std::expected<void, std::string> Allocations::restart(const std::string& id, const std::string& task) {
  const auto at = runners_.find(id);
  if (at == runners_.end()) return std::unexpected("Unknown allocation \"" + id + "\"");
  if (at->second->finished()) return std::unexpected("the allocation's tasks have ended");
  if (!task.empty() && !at->second->machine().tasks().contains(task)) {
    return std::unexpected("Could not find task \"" + task + "\" in the allocation");
  }
  at->second->restart(task);
  return {};
}

std::expected<void, std::string> Allocations::signal(const std::string& id, const std::string& task,
                                                     const std::string& signal) {
  const auto at = runners_.find(id);
  if (at == runners_.end()) return std::unexpected("Unknown allocation \"" + id + "\"");
  if (!task.empty() && !at->second->machine().tasks().contains(task)) {
    return std::unexpected("Could not find task \"" + task + "\" in the allocation");
  }
  at->second->signal(task, signal);
  return {};
}

void Allocations::tell_tasks(const std::string& text) {
  for (const auto& [id, runner] : runners_) runner->tell_tasks(text);
}

// ---- what others see

void Allocations::publish(AllocationRunner& runner) {
  const std::string& id = runner.spec().id;
  AllocationTable::Row row{runner.dir().path(), runner.spec().group_name, {}, runner.finished(), runner.handles()};
  for (const Task& task : runner.spec().group()->tasks) row.tasks.push_back(task.name);
  parts_.table.put(id, std::move(row));
  if (runner.finished() && leaving_.contains(id)) parts_.mailbox.post([this, id] { forget(id); });
}

void Allocations::publish_services() {
  services_dirty_ = false;
  std::string list;
  JsonWriter json(list);
  json.array();
  for (const auto& [id, runner] : runners_) runner->write_services(json);
  json.end();
  if (list == services_told_) return;
  services_told_ = list;
  parts_.reporter.put_services(std::move(list));
}

// ---- garbage

void Allocations::keep_within_limits() {
  std::vector<AllocationRunner*> ended;
  for (const auto& [id, runner] : runners_) {
    if (runner->finished()) ended.push_back(runner.get());
  }
  std::sort(ended.begin(), ended.end(), [](auto* a, auto* b) { return a->finished_at() < b->finished_at(); });
  struct statvfs info {};
  bool full = false;
  if (::statvfs(settings_.alloc_dir.c_str(), &info) == 0 && info.f_blocks > 0) {
    full = 100.0 * static_cast<double>(info.f_blocks - info.f_bfree) / static_cast<double>(info.f_blocks) >
           settings_.most_disk_percent;
  }
  std::size_t keep = settings_.most_ended;
  if (full) keep = std::min<std::size_t>(keep, 1);  // the newest stays, so that its logs can be read
  for (std::size_t i = 0; i + keep < ended.size(); ++i) collect(ended[i]->spec().id);
}

void Allocations::collect(const std::string& id) {
  const auto at = runners_.find(id);
  if (at == runners_.end() || !at->second->finished() || !collected_.insert(id).second) return;
  // State stays until the servers forget the allocation too, or it would be started again.
  at->second->when_quiet([this, dir = at->second->dir()]() mutable {
    aside([this, dir]() mutable {
      if (auto gone = dir.destroy(); !gone) say("WARN", gone.error());
    });
  });
}

void Allocations::collect_garbage(const std::string& id) {
  if (!id.empty()) return collect(id);
  for (const auto& [each, runner] : runners_) collect(each);
}

void Allocations::aside(net::Pool::Job job) {
  // Refused only while the node goes down. What is left undone then, the next agent does.
  (void)parts_.pools.calls.run(std::move(job));
}

}  // namespace orch::client
