// An allocation as the server assigns it to this node: what the node client needs of Nomad's allocation JSON.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <string>

#include "core/model/job.h"

namespace orch::client {

struct AllocationSpec {
  std::string id, eval_id, name, node_id, namespace_name, job_id, group_name, deployment_id;
  std::string desired_status;  ///< run, stop, evict
  std::string client_status;   ///< as the server last heard it
  bool canary = false;
  std::int64_t job_version = 0;
  std::uint64_t create_index = 0, modify_index = 0;
  std::uint64_t alloc_modify_index = 0;  ///< changes only when the server's side of the allocation does
  std::shared_ptr<const Job> job;
  std::map<std::string, Resources> task_resources;  ///< with the ports that were assigned

  /// The allocation's group in its job; nullptr when the job has none of that name.
  const TaskGroup* group() const;
  bool should_run() const { return desired_status == "run"; }
  /// Number in the name: "example.cache[2]" is 2.
  std::string index_text() const;

  std::string json;  ///< the text it was read from, for the node's own state
};

/// The few fields that decide whether the rest must be read at all.
struct AllocationHead {
  std::string id;
  std::uint64_t alloc_modify_index = 0;
};
std::expected<AllocationHead, std::string> allocation_head(const boost::json::value& json);

/// Errors name the field.
std::expected<AllocationSpec, std::string> allocation_from_json(const boost::json::value& json);
std::expected<AllocationSpec, std::string> allocation_from_text(const std::string& text);

}  // namespace orch::client
