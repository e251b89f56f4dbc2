#include "core/log/record.h"

#include "core/base/assert.h"
#include "core/model/tables.h"

namespace orch {
namespace {

const std::uint8_t* octets(std::string_view s) { return reinterpret_cast<const std::uint8_t*>(s.data()); }

}  // namespace

void GroupBuilder::register_job(const Job& job, bool enforce_index, LogIndex job_modify_index) {
  const auto table = write_job(builder_, job);
  add(wire::CreateRegisterJob(builder_, table, enforce_index, job_modify_index));
}

void GroupBuilder::deregister_job(std::string_view id, bool purge) {
  const auto job_id = builder_.CreateString(id);
  add(wire::CreateDeregisterJob(builder_, job_id, purge));
}

void GroupBuilder::register_node(std::string_view id, const Node& node, std::string_view secret_digest) {
  const auto node_id = builder_.CreateString(id);
  const auto table = write_node(builder_, node);
  const auto secret = secret_digest.empty() ? 0 : builder_.CreateVector(octets(secret_digest), secret_digest.size());
  add(wire::CreateRegisterNode(builder_, node_id, table, secret));
}

void GroupBuilder::set_node_status(std::string_view id, NodeStatus status) {
  const auto node_id = builder_.CreateString(id);
  add(wire::CreateSetNodeStatus(builder_, node_id, static_cast<std::uint8_t>(status)));
}

void GroupBuilder::tick(std::string_view server) { add(wire::CreateTick(builder_, builder_.CreateString(server))); }

std::string GroupBuilder::finish(const GroupHeader& header) {
  auto text = [&](const std::string& s) { return s.empty() ? 0 : builder_.CreateString(s); };
  const auto actor = text(header.actor);
  const auto address = text(header.address);
  const auto key = text(header.idempotency_key);
  const auto request = text(header.request_id);
  const auto commands = builder_.CreateVector(commands_);
  const wire::Stamp unstamped(0, 0, 1, 0);
  builder_.Finish(
      wire::CreateGroup(builder_, &unstamped, actor, address, key, request, commands, header.request_digest),
      wire::GroupIdentifier());
  return {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()};
}

flatbuffers::Offset<wire::ReportedTasks> reported_tasks(flatbuffers::FlatBufferBuilder& to, std::string_view states) {
  if (states.empty()) return wire::CreateReportedTasks(to);
  to.ForceVectorAlignment(states.size(), sizeof(std::uint8_t), sizeof(std::uint64_t));
  const auto bytes = to.CreateVector(octets(states), states.size());
  return wire::CreateReportedTasks(to, bytes);
}

std::string_view states_in(const wire::ReportedTasks& reported) {
  const auto* states = reported.states();
  if (states == nullptr) return {};
  return {reinterpret_cast<const char*>(states->data()), states->size()};
}

void stamp(std::string& group, WallTime wall, Elapsed elapsed, std::uint16_t rules) {
  wire::Stamp* stamp = wire::GetMutableGroup(group.data())->mutable_stamp();
  ORCH_ASSERT(stamp != nullptr, "a finished group has room for its stamp");
  stamp->mutate_wall_ns(wall.ns);
  stamp->mutate_elapsed_ns(elapsed.ns);
  stamp->mutate_rules(rules);
}

bool verify(Bytes bytes) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return wire::VerifyGroupBuffer(verifier);
}

}  // namespace orch
