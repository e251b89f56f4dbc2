#include "core/jobspec/api_form.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <charconv>

#include "core/model/job_json.h"

namespace orch::syntax {
namespace {

constexpr std::size_t most_diagnostics = 20;

// What the cluster knows of a job beside what its user said.
template <class T>
bool is_of_the_cluster(std::string_view name) {
  if constexpr (std::is_same_v<T, Job>) {
    static constexpr std::string_view names[] = {"Children",   "CreateIndex", "Dispatched",        "JobModifyIndex",
                                                 "JobSummary", "ModifyIndex", "NomadTokenID",      "Payload",
                                                 "Stable",     "Status",      "StatusDescription", "Stop",
                                                 "SubmitTime", "Version",     "VersionTag",        "ConsulToken"};
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  }
  // Answers carry the resources' networks with what an allocation got, and services with their ids.
  return (std::is_same_v<T, Service> && (name == "Id" || name == "ID")) ||
         (std::is_same_v<T, ServiceCheck> && (name == "Id" || name == "ID"));
}

bool says_nothing(const Node& node) {
  if (std::holds_alternative<std::monostate>(node.value)) return true;
  if (const bool* truth = std::get_if<bool>(&node.value)) return !*truth;
  if (const Number* number = std::get_if<Number>(&node.value)) return number->text == "0";
  if (const std::string* text = node.text()) return text->empty();
  if (const auto* list = node.list()) return list->empty();
  return std::all_of(node.object()->begin(), node.object()->end(),
                     [](const Item& item) { return says_nothing(item.value); });
}

class Keys {
 public:
  Keys(std::string_view text, std::string_view file) : text_(text), file_(file) {}
  Diagnostics found;

  template <HasFields T>
  void look(const Node& node, const T& object) {
    const Object* items = node.object();
    if (items == nullptr) return;
    for (const Item& item : *items) {
      bool known = false;
      T::fields(object, [&](const char* json, const char*, const auto& member) {
        if (known || item.key != json) return;
        known = true;
        look(item.value, member);
      });
      if (known || is_of_the_cluster<T>(item.key) || says_nothing(item.value)) continue;
      std::vector<std::string> names;
      T::fields(object, [&](const char* json, const char*, const auto&) { names.emplace_back(json); });
      const std::string close = nearest(item.key, names);
      if (found.list.size() >= most_diagnostics) return;
      found.list.push_back({std::string(file_), item.at, "invalid key: " + item.key,
                            close.empty() ? "" : "did you mean \"" + close + "\"?", line_of(text_, item.at.line)});
    }
  }
  template <HasFields T>
  void look(const Node& node, const std::vector<T>&) {
    if (const auto* list = node.list()) {
      for (const Node& element : *list) look(element, T{});
    }
  }
  template <HasFields T>
  void look(const Node& node, const std::optional<T>&) {
    look(node, T{});
  }
  template <class T>
  void look(const Node&, const T&) {}

 private:
  std::string_view text_, file_;
};

// The node that a path like TaskGroups[0].Tasks[1].Env[KEY] leads to, or as far as it leads.
const Node& at_path(const Node& root, std::string_view path) {
  const Node* node = &root;
  while (!path.empty()) {
    std::string_view step;
    const bool in_brackets = path.front() == '[';
    if (in_brackets) {
      const std::size_t end = std::min(path.find(']'), path.size());
      step = path.substr(1, end - 1);
      path.remove_prefix(std::min(end + 1, path.size()));
    } else {
      if (path.front() == '.') path.remove_prefix(1);
      step = path.substr(0, path.find_first_of(".["));
      path.remove_prefix(step.size());
    }
    const Node* next = nullptr;
    if (const auto* list = node->list()) {
      std::size_t ordinal = 0;
      const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), ordinal);
      if (error == std::errc() && ordinal < list->size()) next = &(*list)[ordinal];
    } else if (const Object* object = node->object()) {
      for (const Item& item : *object) {
        if (item.key == step) next = &item.value;
      }
    }
    if (next == nullptr) break;
    node = next;
  }
  return *node;
}

}  // namespace

bool is_api_form(const Object& items) {
  return std::any_of(items.begin(), items.end(),
                     [](const Item& item) { return !item.block && (item.key == "Job" || item.key == "TaskGroups"); });
}

std::expected<Job, Diagnostics> job_in_api_form(std::string_view text, std::string_view file, const Object& items) {
  const auto wrapper =
      std::find_if(items.begin(), items.end(), [](const Item& item) { return item.key == "Job" && !item.block; });
  const bool wrapped = wrapper != items.end();
  const auto wrong = [&](Position at, const std::string& message) {
    return std::unexpected(Diagnostics{{{std::string(file), at, message, "", line_of(text, at.line)}}});
  };
  const Position start = wrapped ? wrapper->at : Position{1, 1};
  boost::json::error_code error;
  const boost::json::parse_options options{.max_depth = deepest_document};
  const boost::json::value document = boost::json::parse({text.data(), text.size()}, error, {}, options);
  if (error) return wrong(start, "not JSON: " + error.message());
  const Node bare{.at = start, .value = items};
  const Node& root = wrapped ? wrapper->value : bare;
  auto job = job_from_json(wrapped ? document.as_object().at("Job") : document);
  if (!job)
    return wrong(at_path(root, std::string_view(job.error()).substr(0, job.error().find(": "))).at, job.error());
  Keys keys(text, file);
  keys.look(root, *job);
  if (!keys.found.list.empty()) return std::unexpected(std::move(keys.found));
  return std::move(*job);
}

}  // namespace orch::syntax
