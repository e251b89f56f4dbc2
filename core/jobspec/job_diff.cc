#include "core/jobspec/job_diff.h"

#include <algorithm>
#include <set>

#include "core/model/json_text.h"

namespace orch {
namespace {

DiffType type_of(const std::string& before, const std::string& after) {
  if (before == after) return DiffType::none;
  return before.empty() ? DiffType::added : after.empty() ? DiffType::deleted : DiffType::edited;
}

// Name → value of the primitives of an object; what is flattened of maps and free values is among them.
using Flat = std::map<std::string, std::string>;

std::string shown(bool v) { return v ? "true" : "false"; }
std::string shown(double v) {
  std::string out;
  append_number(out, v);
  return out;
}
template <std::integral T>
  requires(!std::same_as<T, bool>)
std::string shown(T v) {
  return std::to_string(v);
}

void flatten(Flat& flat, const std::string& name, const Value& value) {
  if (const bool* b = value.as_bool()) flat[name] = shown(*b);
  if (const std::int64_t* i = value.as_int()) flat[name] = shown(*i);
  if (const double* d = value.as_double()) flat[name] = shown(*d);
  if (const std::string* s = value.as_string()) flat[name] = *s;
  if (const Value::List* list = value.as_list()) {
    for (std::size_t i = 0; i < list->size(); ++i) flatten(flat, name + "[" + std::to_string(i) + "]", (*list)[i]);
  }
  if (const Value::Map* map = value.as_map()) {
    for (const auto& [key, item] : *map) flatten(flat, name + "[" + key + "]", item);
  }
}

std::vector<FieldDiff> diff_fields(const Flat& before, const Flat& after, bool unchanged_too) {
  std::set<std::string> names;
  for (const auto& [name, value] : before) names.insert(name);
  for (const auto& [name, value] : after) names.insert(name);
  std::vector<FieldDiff> fields;
  for (const std::string& name : names) {
    const auto b = before.find(name), a = after.find(name);
    FieldDiff field{.name = name,
                    .before = b == before.end() ? std::string() : b->second,
                    .after = a == after.end() ? std::string() : a->second};
    field.type = type_of(field.before, field.after);
    if (field.type != DiffType::none || (unchanged_too && !field.before.empty())) fields.push_back(std::move(field));
  }
  return fields;
}

// What blocks in lists are called one by one.
std::string singular(const std::string& name) {
  static const std::map<std::string, std::string> names = {{"Affinities", "Affinity"},
                                                           {"Artifacts", "Artifact"},
                                                           {"Checks", "Check"},
                                                           {"Constraints", "Constraint"},
                                                           {"Devices", "Device"},
                                                           {"Networks", "Network"},
                                                           {"Services", "Service"},
                                                           {"Spreads", "Spread"},
                                                           {"Templates", "Template"},
                                                           {"SpreadTarget", "SpreadTarget"},
                                                           {"DynamicPorts", "Dynamic Port"},
                                                           {"ReservedPorts", "Static Port"}};
  const auto it = names.find(name);
  return it == names.end() ? name : it->second;
}

constexpr std::size_t most_comparisons = 1'000'000;

// Elements of lists that are the same thing when these are equal.
std::string identity(const Service& s) { return s.name; }
std::string identity(const ServiceCheck& c) { return c.name; }
std::string identity(const Port& p) { return p.label; }
template <class T>
std::string identity(const T&) {
  return {};
}

template <HasFields T>
ObjectDiff diff_object(const std::string& name, const T* before, const T* after);

/// Walks one struct's fields on both sides at once.
template <class T>
class Walk {
 public:
  Walk(const T* before, const T* after, std::set<std::string> left_out = {}) : left_out_(std::move(left_out)) {
    static const T absent{};
    const T& b = before != nullptr ? *before : absent;
    const T& a = after != nullptr ? *after : absent;
    std::vector<const void*> members;
    T::fields(b, [&](const char*, const char*, const auto& member) { members.push_back(&member); });
    std::size_t place = 0;
    T::fields(a, [&](const char* json, const char*, const auto& member) {
      using Member = std::remove_cvref_t<decltype(member)>;
      const auto& other = *static_cast<const Member*>(members[place++]);
      if (left_out_.contains(json)) return;
      take(json, before != nullptr ? &other : nullptr, after != nullptr ? &member : nullptr);
    });
    std::stable_sort(objects.begin(), objects.end(), [](const ObjectDiff& x, const ObjectDiff& y) {
      return x.name != y.name ? x.name < y.name : std::string_view(text(x.type)) < text(y.type);
    });
  }

  Flat before_flat, after_flat;
  std::vector<ObjectDiff> objects;

 private:
  void keep(ObjectDiff object) {
    if (object.type != DiffType::none) objects.push_back(std::move(object));
  }

  template <class V>
    requires std::is_arithmetic_v<V>
  void take(const std::string& name, const V* before, const V* after) {
    if (before != nullptr) before_flat[name] = shown(*before);
    if (after != nullptr) after_flat[name] = shown(*after);
  }
  void take(const std::string& name, const std::string* before, const std::string* after) {
    if (before != nullptr) before_flat[name] = *before;
    if (after != nullptr) after_flat[name] = *after;
  }
  void take(const std::string& name, const Duration* before, const Duration* after) {
    if (before != nullptr) before_flat[name] = shown(before->ns);
    if (after != nullptr) after_flat[name] = shown(after->ns);
  }
  void take(const std::string& name, const Value::Map* before, const Value::Map* after) {
    Flat b, a;
    for (const auto& [key, item] : before != nullptr ? *before : Value::Map()) flatten(b, key, item);
    for (const auto& [key, item] : after != nullptr ? *after : Value::Map()) flatten(a, key, item);
    if (b == a) return;
    keep({.type = b.empty() ? DiffType::added : a.empty() ? DiffType::deleted : DiffType::edited,
          .name = name,
          .fields = diff_fields(b, a, true)});
  }
  void take(const std::string& name, const StringMap* before, const StringMap* after) {
    if (before != nullptr) {
      for (const auto& [key, item] : *before) before_flat[name + "[" + key + "]"] = item;
    }
    if (after != nullptr) {
      for (const auto& [key, item] : *after) after_flat[name + "[" + key + "]"] = item;
    }
  }
  // A check's headers: one field each, several values of one header joined.
  void take(const std::string& name, const std::map<std::string, StringList>* before,
            const std::map<std::string, StringList>* after) {
    auto joined = [](const auto* from) {
      Flat to;
      if (from == nullptr) return to;
      for (const auto& [key, list] : *from) {
        for (const std::string& item : list) to[key] += (to[key].empty() ? "" : ",") + item;
      }
      return to;
    };
    const Flat b = joined(before), a = joined(after);
    if (b == a) return;
    keep({.type = b.empty() ? DiffType::added : a.empty() ? DiffType::deleted : DiffType::edited,
          .name = name,
          .fields = diff_fields(b, a, true)});
  }
  void take(const std::string& name, const StringList* before, const StringList* after) {
    static const StringList none;
    const StringList& b = before != nullptr ? *before : none;
    const StringList& a = after != nullptr ? *after : none;
    // Compared as sets; sorted by the old value, so what is new stands first.
    const std::set<std::string> olds(b.begin(), b.end()), news(a.begin(), a.end());
    ObjectDiff object{.name = name};
    bool added = false, deleted = false;
    for (const std::string& v : news) {
      if (!olds.contains(v)) object.fields.push_back({DiffType::added, name, "", v, {}}), added = true;
    }
    for (const std::string& v : olds) {
      if (news.contains(v)) {
        object.fields.push_back({DiffType::none, name, v, v, {}});
      } else {
        object.fields.push_back({DiffType::deleted, name, v, "", {}}), deleted = true;
      }
    }
    if (!added && !deleted) return;
    object.type = added && deleted ? DiffType::edited : added ? DiffType::added : DiffType::deleted;
    keep(std::move(object));
  }
  template <class V>
  void take(const std::string& name, const std::optional<V>* before, const std::optional<V>* after) {
    take(name, before != nullptr && *before ? &**before : nullptr, after != nullptr && *after ? &**after : nullptr);
  }
  template <HasFields V>
  void take(const std::string& name, const V* before, const V* after) {
    if (before == nullptr && after == nullptr) return;
    keep(diff_object(name, before, after));
  }
  template <HasFields V>
  void take(const std::string& name, const std::vector<V>* before, const std::vector<V>* after) {
    static const std::vector<V> none;
    const std::vector<V>& b = before != nullptr ? *before : none;
    const std::vector<V>& a = after != nullptr ? *after : none;
    std::vector<bool> matched(b.size());
    std::multimap<std::string, std::size_t> by_identity;
    for (std::size_t i = 0; i < b.size(); ++i) by_identity.emplace(identity(b[i]), i);
    std::size_t next = 0;
    for (std::size_t place = 0; place < a.size(); ++place) {
      const V& element = a[place];
      const std::string id = identity(element);
      const V* old = nullptr;
      auto match = [&](std::size_t i) { matched[i] = true, old = &b[i]; };
      if (!id.empty()) {
        if (const auto it = by_identity.find(id); it != by_identity.end()) {
          match(it->second);
          by_identity.erase(it);
        }
      } else if (b.size() * a.size() > most_comparisons) {
        // Too many nameless blocks to look for each: equal ones are taken to stand in the same order.
        while (next < b.size() && (matched[next] || !(b[next] == element))) ++next;
        if (next < b.size()) match(next);
      } else {
        for (std::size_t i = 0; i < b.size() && old == nullptr; ++i) {
          if (!matched[i] && b[i] == element) match(i);
        }
      }
      if (old == nullptr || !(*old == element)) keep(diff_object(singular(name), old, &element));
    }
    for (std::size_t i = 0; i < b.size(); ++i) {
      if (!matched[i]) keep(diff_object<V>(singular(name), &b[i], nullptr));
    }
  }

  std::set<std::string> left_out_;
};

template <HasFields T>
ObjectDiff diff_object(const std::string& name, const T* before, const T* after) {
  // Nomad shows no stagger in a plan: it has no meaning in a deployment.
  Walk<T> walk(before, after,
               std::is_same_v<T, UpdateStrategy> ? std::set<std::string>{"Stagger"} : std::set<std::string>());
  ObjectDiff object{.name = name};
  if (before == nullptr) {
    object.type = DiffType::added;
  } else if (after == nullptr) {
    object.type = DiffType::deleted;
  } else if (!(*before == *after)) {
    object.type = DiffType::edited;
  }
  object.fields = diff_fields(walk.before_flat, walk.after_flat, true);
  object.objects = std::move(walk.objects);
  return object;
}

template <class Diff>
void set_type(Diff& diff, bool before, bool after, bool changed) {
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

void append_type(std::string& out, DiffType type) {
  out += "\"Type\":\"";
  out += text(type);
  out += '"';
}

template <class T, class F>
void append_list(std::string& out, const char* name, const std::vector<T>& list, F&& write) {
  out += ",\"";
  out += name;
  out += "\":";
  if (list.empty()) {
    out += "null";
    return;
  }
  char separator = '[';
  for (const T& item : list) {
    out += separator;
    write(item);
    separator = ',';
  }
  out += ']';
}

void append_texts(std::string& out, const char* name, const std::vector<std::string>& list) {
  append_list(out, name, list, [&](const std::string& s) { append_quoted(out, s); });
}

void append_fields(std::string& out, const std::vector<FieldDiff>& fields) {
  append_list(out, "Fields", fields, [&](const FieldDiff& f) {
    out += '{';
    append_type(out, f.type);
    out += ",\"Name\":" + quoted(f.name) + ",\"Old\":" + quoted(f.before) + ",\"New\":" + quoted(f.after);
    append_texts(out, "Annotations", f.annotations);
    out += '}';
  });
}

void append_objects(std::string& out, const std::vector<ObjectDiff>& objects) {
  append_list(out, "Objects", objects, [&](const ObjectDiff& o) {
    out += '{';
    append_type(out, o.type);
    out += ",\"Name\":" + quoted(o.name);
    append_fields(out, o.fields);
    append_objects(out, o.objects);
    out += '}';
  });
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
  if (before != nullptr) walk.before_flat["Stop"] = shown(before_stopped);
  walk.after_flat["Dispatched"] = "false";
  walk.after_flat["Stop"] = shown(after_stopped);
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

std::string diff_to_json(const JobDiff& diff) {
  std::string out = "{";
  append_type(out, diff.type);
  out += ",\"ID\":" + quoted(diff.id);
  append_fields(out, diff.fields);
  append_objects(out, diff.objects);
  append_list(out, "TaskGroups", diff.task_groups, [&](const TaskGroupDiff& g) {
    out += '{';
    append_type(out, g.type);
    out += ",\"Name\":" + quoted(g.name);
    append_fields(out, g.fields);
    append_objects(out, g.objects);
    append_list(out, "Tasks", g.tasks, [&](const TaskDiff& t) {
      out += '{';
      append_type(out, t.type);
      out += ",\"Name\":" + quoted(t.name);
      append_fields(out, t.fields);
      append_objects(out, t.objects);
      append_texts(out, "Annotations", t.annotations);
      out += '}';
    });
    out += ",\"Updates\":";
    if (g.updates.empty()) out += "null";
    char separator = '{';
    for (const auto& [name, count] : g.updates) {
      out += separator;
      out += quoted(name) + ":" + std::to_string(count);
      separator = ',';
    }
    out += g.updates.empty() ? "}" : "}}";
  });
  out += '}';
  return out;
}

}  // namespace orch
