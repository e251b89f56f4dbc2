#include "core/jobspec/decode.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "core/jobspec/duration_text.h"
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

void Decoder::add(Position at, std::string message, std::string hint) {
  if (found_.list.size() >= most_diagnostics) return;
  found_.list.push_back({std::string(file_), at, std::move(message), std::move(hint), line_of(text_, at.line)});
}

void Decoder::expected(const Node& node, const std::string& name, const char* what, std::string hint) {
  std::string shown = node.kind();
  if (const std::string* text = node.text()) shown = "\"" + text->substr(0, 40) + "\"";
  if (const Number* number = std::get_if<Number>(&node.value)) shown = number->text;
  if (const bool* truth = std::get_if<bool>(&node.value)) shown = *truth ? "true" : "false";
  wrong(node.at, name + ": expected " + what + ", got " + shown, std::move(hint));
}

void Decoder::unknown(const Item& item, std::vector<std::string> known) {
  const std::string close = nearest(item.key, known);
  wrong(item.at, std::string(path_.size() == 1 ? "job: " : "") + "invalid key: " + item.key,
        close.empty() ? std::string() : "did you mean \"" + close + "\"?");
}

std::vector<Decoder::Body> Decoder::bodies(const Item& item, bool labelled, const char* what) {
  std::vector<Body> found;
  auto each_object = [&](const Node& node, auto&& use) {
    if (const Object* object = node.object()) return use(node, *object);
    if (const auto* list = node.list()) {
      for (const Node& element : *list) {
        if (const Object* object = element.object()) {
          use(element, *object);
        } else {
          expected(element, item.key, what);
        }
      }
      return;
    }
    expected(node, item.key, what);
  };
  if (!labelled) {
    if (!item.labels.empty()) {
      wrong(item.labels[0].at, item.key + " takes no label", "write " + item.key + " { … }");
      return found;
    }
    each_object(item.value, [&](const Node& node, const Object& object) { found.push_back({node.at, "", &object}); });
    return found;
  }
  if (item.labels.size() > 1) {
    wrong(item.labels[1].at, item.key + " takes one label, found " + std::to_string(item.labels.size()));
    return found;
  }
  if (item.labels.size() == 1) {
    each_object(item.value, [&](const Node&, const Object& object) { found.push_back({item.at, item.labels[0].text, &object}); });
    return found;
  }
  // In JSON the names are keys; a block of HCL has its own place for them.
  each_object(item.value, [&](const Node&, const Object& object) {
    if (object.empty() || item.block) return wrong(item.at, item.key + " needs a name", "write " + item.key + " \"name\" { … }");
    for (const Item& inner : object) {
      if (!inner.value.object() && !inner.value.list()) {
        return wrong(item.at, item.key + " needs a name", "write " + item.key + " \"name\" { … }");
      }
      each_object(inner.value, [&](const Node&, const Object& body) { found.push_back({inner.at, inner.key, &body}); });
    }
  });
  return found;
}

bool Decoder::whole(const Node& node, const std::string& name, std::int64_t least, std::int64_t most, std::int64_t& out) {
  const std::string* text = node.text();
  const Number* number = std::get_if<Number>(&node.value);
  if (text == nullptr && number == nullptr) return expected(node, name, "a whole number"), false;
  const std::string& digits = text != nullptr ? *text : number->text;
  double real = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (error == std::errc() && end == digits.data() + digits.size()) {
    if (out >= least && out <= most) return true;
  } else if (error != std::errc::result_out_of_range) {
    const auto [real_end, real_error] = std::from_chars(digits.data(), digits.data() + digits.size(), real);
    const bool is_whole = real_error == std::errc() && real_end == digits.data() + digits.size() && real >= -9e15 &&
                          real <= 9e15 && static_cast<double>(static_cast<std::int64_t>(real)) == real;
    if (!is_whole) return expected(node, name, "a whole number"), false;
    out = static_cast<std::int64_t>(real);
    if (out >= least && out <= most) return true;
  }
  wrong(node.at, name + ": " + digits + " is out of range", "the number lies between " + std::to_string(least) + " and " + std::to_string(most));
  return false;
}

std::string Decoder::scalar_text(const Node& node, const std::string& name) {
  if (const std::string* text = node.text()) return *text;
  if (const Number* number = std::get_if<Number>(&node.value)) return number->text;
  if (const bool* truth = std::get_if<bool>(&node.value)) return *truth ? "true" : "false";
  if (!std::holds_alternative<std::monostate>(node.value)) expected(node, name, "text");
  return {};
}

void Decoder::value(const Item& item, bool& v) {
  if (const bool* truth = std::get_if<bool>(&item.value.value)) {
    v = *truth;
    return;
  }
  const std::string* text = item.value.text();
  if (text != nullptr && (*text == "true" || *text == "1")) {
    v = true;
  } else if (text != nullptr && (*text == "false" || *text == "0")) {
    v = false;
  } else if (const Number* n = std::get_if<Number>(&item.value.value); n != nullptr && (n->text == "0" || n->text == "1")) {
    v = n->text == "1";
  } else {
    expected(item.value, item.key, "true or false");
  }
}

void Decoder::value(const Item& item, std::int32_t& v) {
  std::int64_t wide = 0;
  if (whole(item.value, item.key, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max(), wide)) {
    v = static_cast<std::int32_t>(wide);
  }
}

void Decoder::value(const Item& item, std::int64_t& v) {
  whole(item.value, item.key, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), v);
}

void Decoder::value(const Item& item, double& v) {
  const std::string text = scalar_text(item.value, item.key);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error != std::errc() || end != text.data() + text.size()) expected(item.value, item.key, "a number");
}

void Decoder::value(const Item& item, std::string& v) { v = scalar_text(item.value, item.key); }

void Decoder::value(const Item& item, Duration& v) {
  if (std::holds_alternative<Number>(item.value.value)) {
    std::int64_t ns = 0;
    if (whole(item.value, item.key, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), ns)) v = {ns};
    return;
  }
  const std::string* text = item.value.text();
  const auto parsed = text != nullptr ? parse_duration_text(*text) : std::nullopt;
  if (!parsed) return expected(item.value, item.key, "a duration", "for example \"30s\", \"1m30s\" or \"250ms\"");
  v = *parsed;
}

Value Decoder::free_value(const Node& node) {
  if (const bool* truth = std::get_if<bool>(&node.value)) return *truth;
  if (const std::string* text = node.text()) return *text;
  if (const Number* number = std::get_if<Number>(&node.value)) {
    const char* begin = number->text.data();
    const char* end = begin + number->text.size();
    std::int64_t i = 0;
    if (const auto [at, error] = std::from_chars(begin, end, i); error == std::errc() && at == end) return i;
    double d = 0;
    std::from_chars(begin, end, d);
    return d;
  }
  if (const auto* list = node.list()) {
    Value::List made;
    for (const Node& element : *list) made.push_back(free_value(element));
    return made;
  }
  if (const Object* object = node.object()) {
    Value::Map map;
    for (const Item& item : *object) add_free(map, item);
    return map;
  }
  return {};
}

// Blocks become lists of maps, as HCL1 has it; `key = { … }` becomes a map.
void Decoder::add_free(Value::Map& map, const Item& item) {
  Value made = free_value(item.value);
  for (auto label = item.labels.rbegin(); label != item.labels.rend(); ++label) {
    made = Value(Value::Map{{label->text, Value(Value::List{std::move(made)})}});
  }
  if (!item.block) {
    map[item.key] = std::move(made);
    return;
  }
  Value& place = map[item.key];
  if (place.as_list() == nullptr) place = Value(Value::List{});
  place.as_list()->push_back(std::move(made));
}

void Decoder::value(const Item& item, Value& v) { v = free_value(item.value); }

void Decoder::value(const Item& item, Value::Map& v) {
  for (const Body& body : bodies(item, false, "a block")) {
    for (const Item& inner : *body.items) add_free(v, inner);
  }
}

void Decoder::value(const Item& item, StringList& v) {
  v.clear();
  if (const auto* list = item.value.list()) {
    for (const Node& element : *list) v.push_back(scalar_text(element, item.key));
    return;
  }
  if (item.value.object() != nullptr) return expected(item.value, item.key, "a list of texts", "write [\"a\", \"b\"]");
  v.push_back(scalar_text(item.value, item.key));
}

void Decoder::value(const Item& item, StringMap& v) {
  for (const Body& body : bodies(item, false, "a block of texts")) {
    for (const Item& inner : *body.items) v[inner.key] = scalar_text(inner.value, item.key + "." + inner.key);
  }
}

void Decoder::value(const Item& item, std::map<std::string, StringList>& v) {
  for (const Body& body : bodies(item, false, "a block of lists")) {
    for (const Item& inner : *body.items) value(inner, v[inner.key]);
  }
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
  std::set<std::string, std::less<>> taken;
  for (T& other : list) {
    if (labelled) taken.insert(*label_of(other));
  }
  for (const Body& body : bodies(item, labelled, "a block")) {
    T made;
    std::string block = item.key;
    if (std::string* label = label_of(made)) {
      *label = body.label;
      block += ": '" + body.label + "'";
      if (!taken.insert(body.label).second) {
        const std::string outer = path();
        add(body.at, (outer.empty() ? "" : outer + ", ") + item.key + ": " + item.key + " '" + body.label + "' defined more than once", "");
      }
    }
    fields(*body.items, block, made);
    finish(made);
    list.push_back(std::move(made));
  }
}

template <class T>
void Decoder::fields(const Object& items, const std::string& block, T& object) {
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
          const std::string what = item.block ? "only one '" + item.key + "' block is allowed here" : item.key + " is given twice";
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
