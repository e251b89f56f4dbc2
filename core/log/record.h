// A record group: what one append carries (schemas/record.fbs), built here and checked here.
//
// Our own log is trusted after its batch checksum, so replay reads groups without verification; bytes from anywhere
// else go through `verify` first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/log/log.h"
#include "core/model/job.h"
#include "core/model/node.h"
#include "core/model/status.h"
#include "record_generated.h"

namespace orch {

/// Who asks, and under which key; when is stamped later (`stamp`).
struct GroupHeader {
  std::string actor, address, idempotency_key, request_id;
  std::uint64_t request_digest = 0;  ///< of what was asked; with a key
};

/// Builds one group. Commands are added in order; `finish` may be called once.
class GroupBuilder {
 public:
  flatbuffers::FlatBufferBuilder& flat() { return builder_; }

  template <class Table>
  void add(flatbuffers::Offset<Table> command) {
    constexpr wire::Command type = wire::CommandTraits<Table>::enum_value;
    commands_.push_back(wire::CreateEntry(builder_, type, command.Union()));
  }

  void register_job(const Job& job, bool enforce_index, LogIndex job_modify_index);
  void deregister_job(std::string_view id, bool purge);
  void register_node(std::string_view id, const Node& node, std::string_view secret_digest = {});
  void set_node_status(std::string_view id, NodeStatus status);
  void tick(std::string_view server);
  bool empty() const { return commands_.empty(); }

  std::string finish(const GroupHeader& header);

 private:
  flatbuffers::FlatBufferBuilder builder_{1024};
  std::vector<flatbuffers::Offset<wire::Entry>> commands_;
};

/// The group inside bytes that are known to be one.
inline const wire::Group& group_in(Bytes bytes) { return *wire::GetGroup(bytes.data()); }

/// One command of a group: `table` points to the wire:: table that `type` names.
struct CommandIn {
  wire::Command type = wire::Command::NONE;
  const void* table = nullptr;
};
inline std::uint32_t command_count(const wire::Group& group) {
  return group.commands() != nullptr ? group.commands()->size() : 0;
}
/// `place` is below the count.
inline CommandIn command_in(const wire::Group& group, std::uint32_t place) {
  const wire::Entry& entry = *group.commands()->Get(place);
  if (entry.command() == nullptr) return {};  // also a well-formed entry may lack its table
  return {entry.command_type(), entry.command()};
}

/// Task states (core/model/tables.h) as an element of a report's column; no bytes: unchanged.
flatbuffers::Offset<wire::ReportedTasks> reported_tasks(flatbuffers::FlatBufferBuilder& to, std::string_view states);
/// The bytes again.
std::string_view states_in(const wire::ReportedTasks& reported);

/// Writes the times into a finished group, in place: the last thing before it is appended.
void stamp(std::string& group, WallTime wall, Elapsed elapsed, std::uint16_t rules);

inline Bytes bytes_of(const std::string& group) { return std::as_bytes(std::span(group)); }

/// True when the bytes are a well-formed group.
bool verify(Bytes bytes);

}  // namespace orch
