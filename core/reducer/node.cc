// Nodes: registered, silent, back; eligible or not.
#include <algorithm>

#include "core/model/tables.h"
#include "core/reducer/commands.h"
#include "core/reducer/evaluation.h"

namespace orch {
namespace {

constexpr std::size_t longest_id = 200;  // ids are keys of tables, and keys have a bound

void set_capacity(NodeState& node) {
  const Node& n = *node.node;
  node.cpu = n.resources.cpu - n.reserved.cpu;
  node.memory_mb = n.resources.memory_mb - n.reserved.memory_mb;
  node.disk_mb = n.resources.disk_mb - n.reserved.disk_mb;
  node.mbits = 0;
  for (const NetworkResource& network : n.resources.networks) node.mbits += network.mbits;
}

// Jobs with allocations on the node, each once, in order of number.
std::vector<JobNumber> jobs_on(const State& state, const NodeState& node) {
  std::vector<JobNumber> jobs;
  for (AllocationNumber a : node.allocations) jobs.push_back(state.allocation(a).job);
  std::sort(jobs.begin(), jobs.end());
  jobs.erase(std::unique(jobs.begin(), jobs.end()), jobs.end());
  return jobs;
}

void set_status(StateEdit& edit, NodeNumber n, NodeStatus status) {
  edit.change(n, [&](NodeState& node) {
    node.status = status;
    node.modify_index = edit.index();
    node.status_at = edit.wall();
  });
  edit.emit(EventKind::node_changed, n.value);
  if (status == NodeStatus::down) {
    // Its allocations go on holding their room: the plans of their jobs decide which are lost.
    for (const JobNumber job : jobs_on(edit.state(), edit.state().node(n)))
      create_evaluation(edit, job, Trigger::node_update, n);
  } else if (status == NodeStatus::ready) {
    edit.note_room();
  }
}

}  // namespace

CommandOutcome register_node(StateEdit& edit, const wire::RegisterNode& command) {
  if (command.node() == nullptr) return {.refusal = "missing node for client registration"};
  auto decoded = read_node(*command.node());
  if (!decoded) return {.refusal = decoded.error()};
  if (decoded->id.empty()) return {.refusal = "missing node ID for client registration"};
  if (decoded->id.size() > longest_id)
    return {.refusal = "node ID has more than " + std::to_string(longest_id) + " bytes"};
  if (decoded->datacenter.empty()) return {.refusal = "missing datacenter for client registration"};
  if (decoded->name.empty()) return {.refusal = "missing node name for client registration"};

  std::string secret;
  if (const auto* digest = command.secret_digest())
    secret.assign(reinterpret_cast<const char*>(digest->data()), digest->size());

  NodeNumber n = edit.state().find_node(decoded->id);
  if (!n) {
    NodeState node{.node = std::make_shared<const Node>(std::move(*decoded)),
                   .status = NodeStatus::ready,
                   .create_index = edit.index(),
                   .modify_index = edit.index(),
                   .registered_at = edit.wall(),
                   .status_at = edit.wall(),
                   .allocations_index = edit.index(),
                   .secret_digest = std::move(secret)};
    set_capacity(node);
    n = edit.add_node(std::move(node));
    edit.emit(EventKind::node_registered, n.value);
    edit.note_room();
    return {};
  }
  const std::string& known = edit.state().node(n).secret_digest;
  if (!known.empty() && known != secret) return {.refusal = "node secret ID does not match"};
  const bool was_ready = edit.state().node(n).status == NodeStatus::ready;
  // A client that restarts registers anew. What says nothing new must not change an index: plans and waiting clients
  // would look again for nothing.
  if (was_ready && known == secret && *edit.state().node(n).node == *decoded) return {};
  edit.change(n, [&](NodeState& node) {
    node.node = std::make_shared<const Node>(std::move(*decoded));
    node.modify_index = edit.index();
    node.secret_digest = std::move(secret);
    set_capacity(node);
  });
  edit.emit(EventKind::node_registered, n.value);
  if (!was_ready) {
    set_status(edit, n, NodeStatus::ready);
  } else {
    edit.note_room();
  }
  return {};
}

CommandOutcome set_node_status(StateEdit& edit, const wire::SetNodeStatus& command) {
  const NodeNumber n = edit.state().find_node(command.id() != nullptr ? command.id()->str() : std::string());
  if (!n) return {.refusal = "node not found"};
  if (command.status() > static_cast<std::uint8_t>(NodeStatus::down)) return {.refusal = "invalid status for node"};
  const auto status = static_cast<NodeStatus>(command.status());
  if (edit.state().node(n).status != status) set_status(edit, n, status);
  return {};
}

CommandOutcome set_node_eligibility(StateEdit& edit, const wire::SetNodeEligibility& command) {
  const NodeNumber n = edit.state().find_node(command.id() != nullptr ? command.id()->str() : std::string());
  if (!n) return {.refusal = "node not found"};
  if (edit.state().node(n).eligible == command.eligible()) return {};
  edit.change(n, [&](NodeState& node) {
    node.eligible = command.eligible();
    node.modify_index = edit.index();
  });
  edit.emit(EventKind::node_changed, n.value);
  if (command.eligible()) edit.note_room();
  return {};
}

CommandOutcome update_services(StateEdit& edit, const wire::UpdateServices& command) {
  if (command.node() >= edit.state().nodes().size()) return {.refusal = "node not found"};
  edit.emit(EventKind::services_changed, command.node());
  return {};
}

}  // namespace orch
