// What runs when the agent starts, or when an engine comes back: who knows it, who takes it up, what is ended.
#include <filesystem>
#include <utility>

#include "core/runner/snapshot_json.h"
#include "drivers/node/allocations.h"
#include "drivers/uuid/uuid.h"

namespace orch::client {

void Allocations::end_stranger(const FoundTask& found) {
  (void)found.driver->stop(found.task.handle, "", seconds(5));
  (void)found.driver->destroy(found.task.handle);
}

bool Allocations::has_folder(const std::string& alloc_id) const {
  // What we start has its folder here before, and until after.
  return is_uuid(alloc_id) && std::filesystem::exists(settings_.alloc_dir + "/" + alloc_id);
}

void Allocations::restore(std::vector<StateStore::Entry> entries, std::vector<FoundTask> found) {
  struct Restored {
    AllocationSpec spec;
    std::string run;
  };
  std::map<std::string, Restored> restored;
  std::set<std::string> noted;  // handles that a task has
  for (StateStore::Entry& entry : entries) {
    auto spec = allocation_from_text(entry.allocation);
    if (!spec) {
      say("ERROR", "stored state of allocation " + entry.alloc_id + " is dropped: " + spec.error());
      (void)parts_.store.remove(entry.alloc_id);
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

  std::map<std::string, std::vector<FoundTask>> unknown;
  for (const FoundTask& one : found) {
    const TaskDriver::Found& task = one.task;
    if (noted.contains(task.handle)) continue;
    if (restored.contains(task.alloc_id) &&
        strays_.emplace(std::pair(task.alloc_id, task.task_name), task.handle).second) {
      continue;
    }
    if (!has_folder(task.alloc_id)) continue;
    say("WARN", "a task of allocation " + task.alloc_id + " that nobody knows is ended: " + task.handle);
    unknown[task.alloc_id].push_back(one);
  }
  const auto end_unknown = [&](const std::string& alloc_id) {
    return [tasks = std::exchange(unknown[alloc_id], {})] {
      for (const FoundTask& one : tasks) end_stranger(one);
    };
  };

  // Folders that a killed agent had no time to remove. After a reboot the store was dropped and says nothing of them.
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(settings_.alloc_dir, ignored)) {
    const std::string name = entry.path().filename().string();
    if (parts_.store.was_dropped() || !is_uuid(name) || restored.contains(name)) continue;
    aside([this, end = end_unknown(name), dir = AllocDir(settings_.alloc_dir, name)]() mutable {
      end();
      if (auto gone = dir.destroy(); !gone) say("WARN", gone.error());
    });
  }
  for (const auto& [alloc_id, tasks] : std::map(unknown)) {
    if (!tasks.empty()) aside(end_unknown(alloc_id));
  }

  for (auto& [id, one] : restored) add(std::move(one.spec), one.run);
  // What no start has claimed is left over from a task that has ended since.
  for (const auto& [key, handle] : std::exchange(strays_, {})) {
    if (!runners_.contains(key.first)) continue;
    for (const FoundTask& one : found) {
      if (one.task.handle == handle) aside([one] { end_stranger(one); });
    }
  }
  if (!restored.empty()) say("INFO", std::to_string(restored.size()) + " allocations are taken up again");
  // What an earlier process said of services may be out of date, also when none is left.
  services_dirty_ = true;
  parts_.mailbox.post([this] { publish_services(); });
}

void Allocations::end_strangers(std::vector<FoundTask> found) {
  for (const FoundTask& one : found) {
    const auto runner = runners_.find(one.task.alloc_id);
    if (runner != runners_.end()) {
      // A task that is to run claims its name anew; only of one that has ended nobody would ever ask.
      const auto task = runner->second->machine().tasks().find(one.task.task_name);
      if (task != runner->second->machine().tasks().end() && !task->second.is_dead()) continue;
    } else if (!has_folder(one.task.alloc_id)) {
      continue;
    }
    say("WARN", "a task of allocation " + one.task.alloc_id + " that nobody knows is ended: " + one.task.handle);
    aside([one] { end_stranger(one); });
  }
}

}  // namespace orch::client
