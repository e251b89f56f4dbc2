#include "core/log/record.h"

#include "core/base/assert.h"

namespace orch {
namespace {

const std::uint8_t* octets(std::string_view s) { return reinterpret_cast<const std::uint8_t*>(s.data()); }

}  // namespace

void GroupBuilder::register_job(std::string_view document, bool enforce_index, LogIndex job_modify_index) {
  const auto job = builder_.CreateVector(octets(document), document.size());
  add(wire::CreateRegisterJob(builder_, job, enforce_index, job_modify_index));
}

void GroupBuilder::deregister_job(std::string_view id, bool purge) {
  const auto job_id = builder_.CreateString(id);
  add(wire::CreateDeregisterJob(builder_, job_id, purge));
}

void GroupBuilder::register_node(std::string_view id, std::string_view document, std::string_view secret_digest) {
  const auto node_id = builder_.CreateString(id);
  const auto node = builder_.CreateVector(octets(document), document.size());
  const auto secret = secret_digest.empty() ? 0 : builder_.CreateVector(octets(secret_digest), secret_digest.size());
  add(wire::CreateRegisterNode(builder_, node_id, node, secret));
}

void GroupBuilder::set_node_status(std::string_view id, NodeStatus status) {
  const auto node_id = builder_.CreateString(id);
  add(wire::CreateSetNodeStatus(builder_, node_id, static_cast<std::uint8_t>(status)));
}

void GroupBuilder::tick(std::string_view server) { add(wire::CreateTick(builder_, builder_.CreateString(server))); }

std::string GroupBuilder::finish(const GroupHeader& header) {
  ORCH_ASSERT(types_.size() == commands_.size(), "each command has its type beside it");
  auto text = [&](const std::string& s) { return s.empty() ? 0 : builder_.CreateString(s); };
  const auto actor = text(header.actor);
  const auto address = text(header.address);
  const auto key = text(header.idempotency_key);
  const auto request = text(header.request_id);
  const auto types = builder_.CreateVector(types_);
  const auto commands = builder_.CreateVector(commands_);
  const wire::Stamp unstamped(0, 0, 1, 0);
  builder_.Finish(
      wire::CreateGroup(builder_, &unstamped, actor, address, key, request, types, commands, header.request_digest),
      wire::GroupIdentifier());
  return {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()};
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
