// Nodes, and what runs on them; services.
#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "core/model/json_limits.h"
#include "projections/queries_impl.h"

namespace orch {

Answer Queries::nodes(std::string_view prefix) const {
  Answer answer{.index = impl_->last_change(Noun::nodes)};
  JsonWriter json(answer.json);
  json.array();
  impl_->snapshot->scan(Table::node_ids, prefix, [&](Row row) {
    if (!row.key.starts_with(prefix)) return false;
    NodeRow::decode(impl_->newest(Table::nodes, number_in(row.value))->value).append_entry(json);
    return true;
  });
  json.end();
  return answer;
}

std::optional<Answer> Queries::node(std::string_view uuid) const {
  const NodeNumber n = node_number(uuid);
  if (!n) return {};
  const NodeRow row = NodeRow::decode(impl_->newest(Table::nodes, n.value)->value);
  Answer answer{.index = row.modify_index};
  JsonWriter json(answer.json);
  row.append_whole(json);
  return answer;
}

Answer Queries::node_allocations(std::string_view uuid) const {
  const NodeNumber n = node_number(uuid);
  if (!n) return {"[]", 1};
  std::vector<std::uint32_t> numbers;
  for (const NodeChanges::Change& change : node_changes(n, 0).changes) numbers.push_back(change.allocation);
  std::reverse(numbers.begin(), numbers.end());
  return impl_->list(numbers, true, true, 1);
}

Queries::NodeChanges Queries::node_changes(NodeNumber node, LogIndex since) const {
  NodeChanges found;
  const std::string prefix = key_of(node.value);
  // Newest first, so of several changes of one allocation the first read holds.
  impl_->snapshot->scan(Table::node_changes, prefix, [&](Row row) {
    if (row.key.substr(0, 4) != prefix || index_in(row.key) <= since) return false;
    found.index = std::max(found.index, index_in(row.key));
    const NodeChangesRow changes = NodeChangesRow::decode(row.value);
    for (std::uint32_t i = 0; i < changes.allocations.size(); ++i) {
      found.changes.push_back({changes.allocations[i], changes.desired[i], changes.watched[i] != 0});
    }
    return true;
  });
  auto less = [](const auto& a, const auto& b) { return a.allocation < b.allocation; };
  auto same = [](const auto& a, const auto& b) { return a.allocation == b.allocation; };
  std::stable_sort(found.changes.begin(), found.changes.end(), less);
  found.changes.erase(std::unique(found.changes.begin(), found.changes.end(), same), found.changes.end());
  return found;
}

// Tasks of a node that is down may run or not; nobody should be sent there.
bool Queries::Impl::offers_services(std::uint32_t n) const {
  const auto node = newest(Table::nodes, n);
  return node && NodeRow::decode(node->value).status != NodeStatus::down;
}

void Queries::Impl::each_catalogue(const std::function<void(std::string_view)>& visit) const {
  for (std::uint32_t n = 0;; ++n) {
    const auto next = snapshot->at_or_after(Table::services, key_of(n));
    if (!next) return;
    n = number_in(next->key);
    if (offers_services(n)) visit(newest(Table::services, n)->value);
  }
}

std::vector<Queries::ServiceChange> Queries::service_changes(NodeNumber node) const {
  std::vector<ServiceChange> changes;
  const auto now = impl_->newest(Table::services, node.value);
  if (!now || now->index != impl_->instant) return changes;
  const std::string key = version_key(node.value, now->index - 1);
  const auto earlier = impl_->snapshot->at_or_after(Table::services, key);
  const bool had = earlier && earlier->key.substr(0, 4) == std::string_view(key).substr(0, 4);
  auto list_in = [](std::string_view text) {
    boost::json::error_code error;
    boost::json::value list = parse_answer(text, error);
    return !error && list.is_array() ? std::move(list.get_array()) : boost::json::array();
  };
  auto tell = [&](const boost::json::object& service, bool gone) {
    auto text = [&](const char* name) {
      const auto* value = service.if_contains(name);
      return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    changes.push_back({gone, text("ID"), text("ServiceName"), text("JobID"), boost::json::serialize(service)});
  };
  std::set<std::string> present;
  for (const boost::json::value& item : list_in(now->value)) {
    const auto* service = item.if_object();
    if (service == nullptr) continue;
    if (const auto* id = service->if_contains("ID"); id != nullptr && id->is_string())
      present.insert(std::string(id->get_string()));
    const auto* modified = service->if_contains("ModifyIndex");
    if (modified != nullptr && modified->to_number<LogIndex>() == now->index) tell(*service, false);
  }
  for (const boost::json::value& item : had ? list_in(earlier->value) : boost::json::array()) {
    const auto* service = item.if_object();
    const auto* id = service != nullptr ? service->if_contains("ID") : nullptr;
    if (id != nullptr && id->is_string() && !present.contains(std::string(id->get_string()))) tell(*service, true);
  }
  return changes;
}

Answer Queries::services() const {
  std::map<std::string, std::set<std::string>> tags_of;
  impl_->each_catalogue([&](std::string_view row) {
    boost::json::error_code error;
    const boost::json::value list = parse_answer(row, error);
    if (error || !list.is_array()) return;
    for (const boost::json::value& item : list.get_array()) {
      const auto* object = item.if_object();
      const auto* name = object != nullptr ? object->if_contains("ServiceName") : nullptr;
      if (name == nullptr || !name->is_string()) continue;
      auto& tags = tags_of[std::string(name->get_string())];
      if (const auto* list_of_tags = object->if_contains("Tags"); list_of_tags != nullptr && list_of_tags->is_array()) {
        for (const auto& tag : list_of_tags->get_array()) {
          if (tag.is_string()) tags.insert(std::string(tag.get_string()));
        }
      }
    }
  });
  Answer answer{.index = impl_->last_change(Noun::services)};
  JsonWriter json(answer.json);
  json.array();
  if (!tags_of.empty()) {
    json.object().member("Namespace", "default").key("Services").array();
    for (const auto& [name, tags] : tags_of) {
      json.object().member("ServiceName", name).key("Tags").array();
      for (const std::string& tag : tags) json.value(tag);
      json.end().end();
    }
    json.end().end();
  }
  json.end();
  return answer;
}

Answer Queries::service(std::string_view name) const {
  boost::json::array found;
  impl_->each_catalogue([&](std::string_view row) {
    boost::json::error_code error;
    const boost::json::value list = parse_answer(row, error);
    if (error || !list.is_array()) return;
    for (const boost::json::value& item : list.get_array()) {
      const auto* object = item.if_object();
      const auto* own = object != nullptr ? object->if_contains("ServiceName") : nullptr;
      if (own != nullptr && own->is_string() &&
          own->get_string() == boost::json::string_view(name.data(), name.size())) {
        found.push_back(item);
      }
    }
  });
  return {boost::json::serialize(found), impl_->last_change(Noun::services)};
}

}  // namespace orch
