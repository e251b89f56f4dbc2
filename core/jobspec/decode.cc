#include "core/jobspec/decode.h"

#include <algorithm>
#include <set>

#include "core/base/assert.h"
#include "core/jobspec/known_keys.h"

namespace orch::syntax {
namespace {

// The member that a block's label names.
std::string* label_of(TaskGroup& g) { return &g.name; }
std::string* label_of(Task& t) { return &t.name; }
std::string* label_of(RequestedDevice& d) { return &d.name; }
std::string* label_of(SpreadTarget& t) { return &t.value; }
template <class T>
std::string* label_of(T&) {
  return nullptr;
}

template <class T>
std::vector<std::string> known_keys() {
  std::vector<std::string> keys;
  T object;
  T::fields(object, [&](const char*, const char* hcl, auto&) {
    if (*hcl != '\0') keys.emplace_back(hcl);
  });
  keys.insert(keys.end(), extra_keys<T>().begin(), extra_keys<T>().end());
  return keys;
}

}  // namespace

std::string Decoder::path() const {
  std::string out;
  for (std::size_t i = 1; i < path_.size(); ++i) out += (i == 1 ? "" : ", ") + path_[i];
  return out;
}

void Decoder::wrong(Position at, const std::string& message, std::string hint) {
  add(at, path_.size() > 1 ? path() + " -> " + message : message, std::move(hint));
}

void Decoder::unknown(const Item& item, std::vector<std::string> known) {
  const std::string close = nearest(item.key, known);
  wrong(item.at, std::string(path_.size() == 1 ? "job: " : "") + "invalid key: " + item.key,
        close.empty() ? std::string() : "did you mean \"" + close + "\"?");
}

template <class T>
void Decoder::value(const Item& item, std::optional<T>& v) {
  if (std::holds_alternative<std::monostate>(item.value.value)) return;
  if (!v) v.emplace();
  value(item, *v);
}

template <HasFields T>
void Decoder::value(const Item& item, T& object) {
  const std::vector<Body> found = bodies(item, false, "a block");
  if (found.size() > 1) return wrong(found[1].at, "only one '" + item.key + "' block is allowed here");
  for (const Body& body : found) fields(*body.items, item.key, object);
}

template <HasFields T>
void Decoder::value(const Item& item, std::vector<T>& list) {
  T probe;
  const bool labelled = label_of(probe) != nullptr;
  for (const Body& body : bodies(item, labelled, "a block")) {
    T made;
    std::string block = item.key;
    if (std::string* label = label_of(made)) {
      *label = body.label;
      block += ": '" + body.label + "'";
      if (std::any_of(list.begin(), list.end(), [&](T& other) { return *label_of(other) == body.label; })) {
        const std::string outer = path();
        add(body.at,
            (outer.empty() ? "" : outer + ", ") + item.key + ": " + item.key + " '" + body.label +
                "' defined more than once",
            "");
      }
    }
    fields(*body.items, block, made);
    finish(made);
    list.push_back(std::move(made));
  }
}

template <class T>
void Decoder::fields(const Object& items, const std::string& block, T& object) {
  const std::size_t outside = path_.size();
  path_.push_back(block);
  std::map<std::string_view, int> first_lines;
  for (const Item& item : items) {
    if (found_.list.size() >= most_diagnostics) break;
    if (special(item, object)) continue;
    bool known = false;
    T::fields(object, [&](const char*, const char* hcl, auto& member) {
      if (known || *hcl == '\0' || item.key != hcl) return;
      known = true;
      if (!repeats<std::remove_cvref_t<decltype(member)>>) {
        const auto [it, fresh] = first_lines.emplace(item.key, item.at.line);
        if (!fresh) {
          const std::string what =
              item.block ? "only one '" + item.key + "' block is allowed here" : item.key + " is given twice";
          return wrong(item.at, what, "the first one stands in line " + std::to_string(it->second));
        }
      }
      value(item, member);
    });
    if (known) continue;
    const Words& later = later_keys<T>();
    if (std::find(later.begin(), later.end(), item.key) != later.end()) {
      wrong(item.at, item.key + " is not supported yet", "remove it: the job language of Nomad 0.9 is read");
    } else {
      unknown(item, known_keys<T>());
    }
  }
  ORCH_ASSERT(path_.size() == outside + 1, "a block leaves the path as it found it");
  path_.pop_back();
}

// `distinct_hosts = true`, `version = ">= 1.2"` and their like, beside attribute, operator and value.
template <class C>
bool Decoder::short_form(const Item& item, C& criterion) {
  static const std::set<std::string> operators = {"regexp", "version", "semver", "set_contains", "set_contains_any",
                                                  "set_contains_all"};
  if (operators.contains(item.key)) {
    criterion.operand = item.key;
    value(item, criterion.r_target);
    return true;
  }
  if (item.key == "distinct_hosts") {
    bool wanted = false;
    value(item, wanted);
    criterion.operand = "distinct_hosts";
    criterion.r_target = wanted ? "true" : "false";
    return true;
  }
  if (item.key == "distinct_property" || item.key == "is_set" || item.key == "is_not_set") {
    criterion.operand = item.key;
    value(item, criterion.l_target);
    return true;
  }
  return false;
}

bool Decoder::special(const Item& item, Constraint& constraint) { return short_form(item, constraint); }
bool Decoder::special(const Item& item, Affinity& affinity) { return short_form(item, affinity); }

bool Decoder::special(const Item& item, Periodic& periodic) {
  if (item.key != "cron") return false;
  periodic.spec_type = "cron";
  value(item, periodic.spec);
  return true;
}

// A service's check_restart is for all its checks; what a check says itself counts more.
bool Decoder::special(const Item& item, Service&) {
  if (item.key != "check_restart") return false;
  value(item, service_restart_);
  return true;
}

void Decoder::finish(Service& service) {
  if (!service_restart_) return;
  for (ServiceCheck& check : service.checks) {
    if (!check.check_restart) {
      check.check_restart = service_restart_;
      continue;
    }
    if (check.check_restart->limit == 0) check.check_restart->limit = service_restart_->limit;
    if (!check.check_restart->grace) check.check_restart->grace = service_restart_->grace;
    check.check_restart->ignore_warnings |= service_restart_->ignore_warnings;
  }
  service_restart_.reset();
}

bool Decoder::special(const Item& item, NetworkResource& network) {
  if (item.key != "port") return false;
  for (const Body& body : bodies(item, true, "a block")) {
    Port port{.label = body.label};
    fields(*body.items, "port: '" + body.label + "'", port);
    (port.value != 0 ? network.reserved_ports : network.dynamic_ports).push_back(std::move(port));
  }
  return true;
}

bool Decoder::special(const Item& item, Resources&) {
  if (item.key != "disk") return false;
  wrong(item.at, "disk is not set per task", "ask for disk in the group: ephemeral_disk { size = 300 }");
  return true;
}

bool Decoder::special(const Item& item, TaskGroup& group) {
  if (item.key == "name") return value(item, group.name), true;
  if (item.key == "vault") return value(item, group.vault), true;
  return false;
}

bool Decoder::special(const Item& item, Task& task) {
  if (item.key == "name") return value(item, task.name), true;
  return false;
}

// A task directly in the job is a group of its own name, as in Nomad 0.8.
bool Decoder::special(const Item& item, Job& job) {
  if (item.key == "task") {
    std::vector<Task> tasks;
    value(item, tasks);
    for (Task& task : tasks) {
      TaskGroup group{.name = task.name};
      group.tasks.push_back(std::move(task));
      job.task_groups.push_back(std::move(group));
    }
    return true;
  }
  if (item.key == "vault") return value(item, job_vault_), true;
  return false;
}

Job Decoder::job(const Object& items) {
  Job made;
  int jobs = 0;
  for (const Item& item : items) {
    if (item.key == "variable" || item.key == "variables" || item.key == "locals" || item.key == "dynamic") {
      wrong(item.at, item.key + " blocks are not supported yet", "write the values themselves");
      continue;
    }
    if (item.key != "job") {
      unknown(item, {"job"});
      continue;
    }
    for (const Body& body : bodies(item, true, "a block")) {
      if (++jobs > 1) {
        wrong(body.at, "only one 'job' block is allowed in a file");
        continue;
      }
      made.id = made.name = body.label;
      fields(*body.items, "job", made);
      // A vault block of the job is for all tasks that have none of their own; canonicalize hands it on to them.
      for (TaskGroup& group : made.task_groups) {
        if (!group.vault) group.vault = job_vault_;
      }
    }
  }
  if (jobs == 0 && !failed()) wrong({}, "'job' stanza not found", "a job file holds one job \"name\" { … }");
  return made;
}

}  // namespace orch::syntax
