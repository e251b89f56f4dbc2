// Rows of nodes: the node with what happened to it, and its number by its id.
#include "projections/folds.h"
#include "projections/rows.h"

namespace orch {

void NodeFold::changed(const FoldedGroup& group, NodeNumber n, Changes& out) {
  out.touch(Noun::nodes, group.index);
  if (!written_.first_time(n.value, group.index)) return;
  const NodeState& node = group.state.node(n);
  NodeEvents& events = events_of(n);
  // Services of a node that is down are not shown, so its status is a change of the catalogue.
  if (events.fold(node, group.index, group.wall)) out.touch(Noun::services, group.index);
  out.put(Table::nodes, version_key(n.value, group.index), NodeRow::encode(node, events.list()));
  out.put(Table::node_ids, node.node->id, key_of(n.value));
}

NodeEvents& NodeFold::events_of(NodeNumber n) {
  const auto [known, fresh] = events_.try_emplace(n.value);
  if (fresh) {
    const auto snapshot = store_.snapshot();
    const std::string key = key_of(n.value);
    const auto newest = snapshot->at_or_after(Table::nodes, key);
    if (newest && newest->key.starts_with(key)) known->second = NodeEvents(newest->value);
  }
  return known->second;
}

}  // namespace orch
