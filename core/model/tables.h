// Jobs, nodes, services and task states as the tables of schemas/{job,node,services,task}.fbs: into a group that is
// being built and out of one (whose bytes are trusted), or as buffers of their own (whose bytes may come from
// anywhere).
//
// How fields become tables: table_writer.h; what a reader refuses: table_reader.h. Compare structs, never their bytes.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "core/model/job.h"
#include "core/model/node.h"
#include "core/model/running_service.h"
#include "core/model/task_state.h"

namespace orch {

namespace wire {
struct Job;
struct Node;
struct RunningService;
}  // namespace wire

flatbuffers::Offset<wire::Job> write_job(flatbuffers::FlatBufferBuilder& to, const Job& job);
std::expected<Job, std::string> read_job(const wire::Job& table);
flatbuffers::Offset<wire::Node> write_node(flatbuffers::FlatBufferBuilder& to, const Node& node);
std::expected<Node, std::string> read_node(const wire::Node& table);

using ServiceTables = flatbuffers::Vector<flatbuffers::Offset<wire::RunningService>>;
flatbuffers::Offset<ServiceTables> write_services(flatbuffers::FlatBufferBuilder& to,
                                                  const std::vector<RunningService>& services);
std::expected<std::vector<RunningService>, std::string> read_services(const ServiceTables& tables);

std::string encode_job(const Job& job);
std::expected<Job, std::string> decode_job(std::span<const std::byte> bytes);
std::string encode_node(const Node& node);
std::expected<Node, std::string> decode_node(std::span<const std::byte> bytes);

std::string encode_task_states(const TaskStates& states);
std::expected<TaskStates, std::string> decode_task_states(std::span<const std::byte> bytes);

}  // namespace orch
