// The allocations of the node client, from the servers' list or an earlier process to their removal. All but
// `collect_garbage` is called on the mailbox's thread.
#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "drivers/node/client.h"
#include "core/runner/snapshot_json.h"

namespace orch::client {

AllocationRunner::Surroundings Client::surroundings() {
  return {
      .mailbox = mailbox_,
      .pools = pools_,
      .starts = starts_,
      .store = *store_,
      .rotator = rotator_,
      .stopping = stopping_,
      .alloc_root = options_.alloc_dir,
      .region = options_.region,
      .max_kill_timeout = options_.max_kill_timeout,
      .driver =
          [this](const std::string& name) {
            const auto at =
                std::find_if(drivers_.begin(), drivers_.end(), [&](TaskDriver* d) { return d->name() == name; });
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
      .look_again =
          [this](TaskDriver* driver) {
            std::lock_guard lock(mutex_);
            unlisted_.insert(driver);
          },
      .log = [this](std::string_view level, const std::string& text) { say(level, text); },
  };
}

void Client::aside(net::Pool::Job job) {
  // Refused only while the node goes down. What is left undone then, the next agent does.
  (void)pools_.calls.run(std::move(job));
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
    aside([this, end = end_unknown(name), dir = AllocDir(options_.alloc_dir, name)]() mutable {
      end();
      if (auto gone = dir.destroy(); !gone) say("WARN", gone.error());
    });
  }
  for (const auto& [alloc_id, tasks] : std::map(unknown)) {
    if (!tasks.empty()) aside(end_unknown(alloc_id));
  }
  for (auto& [id, one] : restored) add(std::move(one.spec), one.run);
  // What no start has claimed is left over from a task that has ended since.
  for (auto& [key, handle] : std::exchange(strays_, {})) {
    const auto runner = runners_.find(key.first);
    if (runner == runners_.end()) continue;
    for (auto& [driver, one] : found) {
      if (one.handle != handle) continue;
      aside([driver = driver, handle = handle] {
        (void)driver->stop(handle, "", seconds(5));
        (void)driver->destroy(handle);
      });
    }
  }
  if (!restored.empty()) say("INFO", std::to_string(restored.size()) + " allocations are taken up again");
  // What an earlier process said of services may be out of date, also when none is left.
  services_dirty_ = true;
  mailbox_.post([this] { publish_services(); });
}

void Client::end_strangers(std::vector<std::pair<TaskDriver*, TaskDriver::Found>> found) {
  for (auto& [driver, one] : found) {
    const auto runner = runners_.find(one.alloc_id);
    if (runner != runners_.end()) {
      // A task that is to run claims its name anew; only of one that has ended nobody would ever ask.
      const auto task = runner->second->machine().tasks().find(one.task_name);
      if (task != runner->second->machine().tasks().end() && !task->second.is_dead()) continue;
    } else if (one.alloc_id.size() != 36 || !std::filesystem::exists(options_.alloc_dir + "/" + one.alloc_id)) {
      continue;  // of another agent that shares the engine
    }
    say("WARN", "a task of allocation " + one.alloc_id + " that nobody knows is ended: " + one.handle);
    aside([driver = driver, handle = one.handle] {
      (void)driver->stop(handle, "", seconds(5));
      (void)driver->destroy(handle);
    });
  }
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
      // Their first list since the start: servers whose log was restored from a copy may have lost what they took.
      if (!compared_ && spec.client_status != "lost" &&
          spec.client_status != text(at->second->machine().client_status())) {
        reporter_->put_again(spec.id, at->second->report_json());
      }
      if (spec.alloc_modify_index > at->second->spec().alloc_modify_index) at->second->update(std::move(spec));
      continue;
    }
    // Ended here before, as the servers know, and forgotten since.
    if (spec.client_status == "complete" || spec.client_status == "failed" || spec.client_status == "lost") continue;
    if (auto stored = store_->put_allocation(spec.id, spec.json); !stored) say("ERROR", stored.error());
    add(std::move(spec), "");
  }
  compared_ = true;
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
    aside([this, dir = runner->second->dir()]() mutable {
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
  list += ']';
  if (list == services_told_) return;
  services_told_ = list;
  reporter_->put_services(std::move(list));
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
    aside([this, dir]() mutable {
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

}  // namespace orch::client
