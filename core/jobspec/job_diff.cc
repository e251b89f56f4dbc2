#include "core/jobspec/job_diff.h"

#include <map>
#include <set>
#include <utility>

#include "core/base/assert.h"
#include "core/jobspec/struct_diff.h"

namespace orch {
namespace {

using diff::diff_fields;
using diff::Walk;

template <class Diff>
void set_type(Diff& diff, bool before, bool after, bool changed) {
  ORCH_ASSERT(before || after, "what is compared is there on one side at least");
  diff.type = !before ? DiffType::added : !after ? DiffType::deleted : changed ? DiffType::edited : DiffType::none;
}

// Pairs two lists by name, in order of name.
template <class T, class F>
void by_name(const std::vector<T>& before, const std::vector<T>& after, F&& visit) {
  std::map<std::string, std::pair<const T*, const T*>> pairs;
  for (const T& t : before) pairs[t.name].first = &t;
  for (const T& t : after) pairs[t.name].second = &t;
  for (const auto& [name, pair] : pairs) visit(name, pair.first, pair.second);
}

TaskDiff diff_tasks(const std::string& name, const Task* before, const Task* after) {
  TaskDiff diff{.name = name};
  Walk<Task> walk(before, after, {"Name"});
  diff.fields = diff_fields(walk.before_flat, walk.after_flat, false);
  diff.objects = std::move(walk.objects);
  set_type(diff, before != nullptr, after != nullptr, !diff.fields.empty() || !diff.objects.empty());
  return diff;
}

TaskGroupDiff diff_groups(const std::string& name, const TaskGroup* before, const TaskGroup* after) {
  TaskGroupDiff diff{.name = name};
  Walk<TaskGroup> walk(before, after, {"Name", "Tasks", "Migrate"});
  diff.fields = diff_fields(walk.before_flat, walk.after_flat, false);
  diff.objects = std::move(walk.objects);
  static const std::vector<Task> none;
  bool changed = !diff.fields.empty() || !diff.objects.empty();
  by_name(before != nullptr ? before->tasks : none, after != nullptr ? after->tasks : none,
          [&](const std::string& task, const Task* b, const Task* a) {
            diff.tasks.push_back(diff_tasks(task, b, a));
            changed |= diff.tasks.back().type != DiffType::none;
          });
  set_type(diff, before != nullptr, after != nullptr, changed);
  return diff;
}

bool forces_replacement(const TaskDiff& task) {
  for (const FieldDiff& f : task.fields) {
    if (f.name != "KillTimeout") return true;
  }
  for (const ObjectDiff& o : task.objects) {
    static const std::set<std::string> harmless = {"Service", "Constraint", "Affinity", "Spread"};
    if (harmless.contains(o.name)) continue;
    if (o.name != "LogConfig") return true;
    for (const FieldDiff& f : o.fields) {
      if (f.type != DiffType::none && f.name != "MaxFiles" && f.name != "MaxFileSizeMB") return true;
    }
  }
  return false;
}

}  // namespace

const char* text(DiffType type) {
  switch (type) {
    case DiffType::none: return "None";
    case DiffType::added: return "Added";
    case DiffType::deleted: return "Deleted";
    case DiffType::edited: break;
  }
  return "Edited";
}

JobDiff diff_jobs(const Job* before, const Job& after, bool before_stopped, bool after_stopped) {
  JobDiff diff{.id = after.id};
  Walk<Job> walk(before, &after, {"ID", "TaskGroups", "Update", "Migrate", "Reschedule", "VaultToken", "ParentID"});
  // Two that Nomad keeps in the job itself.
  if (before != nullptr) walk.before_flat["Dispatched"] = "false";
  if (before != nullptr) walk.before_flat["Stop"] = diff::shown(before_stopped);
  walk.after_flat["Dispatched"] = "false";
  walk.after_flat["Stop"] = diff::shown(after_stopped);
  diff.fields = diff_fields(walk.before_flat, walk.after_flat, false);
  diff.objects = std::move(walk.objects);
  static const std::vector<TaskGroup> none;
  bool changed = !diff.fields.empty() || !diff.objects.empty();
  by_name(before != nullptr ? before->task_groups : none, after.task_groups,
          [&](const std::string& group, const TaskGroup* b, const TaskGroup* a) {
            diff.task_groups.push_back(diff_groups(group, b, a));
            changed |= diff.task_groups.back().type != DiffType::none;
          });
  set_type(diff, before != nullptr, true, changed);
  ORCH_ASSERT(diff::sorted_by_name(diff.fields) && diff::sorted_by_name(diff.objects) &&
                  diff::sorted_by_name(diff.task_groups),
              "a diff is sorted by name");
  return diff;
}

void annotate(JobDiff& diff) {
  for (TaskGroupDiff& group : diff.task_groups) {
    for (FieldDiff& f : group.fields) {
      if (f.name != "Count" || f.type == DiffType::none) continue;
      const auto number = [](const std::string& s) { return s.empty() ? 0 : std::stoll(s); };
      f.annotations.push_back(number(f.after) > number(f.before) ? "forces create" : "forces destroy");
    }
    for (TaskDiff& task : group.tasks) {
      switch (task.type) {
        case DiffType::none: break;
        case DiffType::added:
          task.annotations.push_back(group.type == DiffType::edited ? "forces create/destroy update" : "forces create");
          break;
        case DiffType::deleted:
          task.annotations.push_back(group.type == DiffType::edited ? "forces create/destroy update"
                                                                    : "forces destroy");
          break;
        case DiffType::edited:
          task.annotations.push_back(forces_replacement(task) ? "forces create/destroy update"
                                                              : "forces in-place update");
      }
    }
  }
}

}  // namespace orch
