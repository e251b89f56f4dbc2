#include "drivers/node/allocation_spec.h"

#include <boost/json.hpp>

#include "core/model/job_json.h"
#include "drivers/uuid/uuid.h"
#include "core/model/json_limits.h"

namespace orch::client {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::uint64_t number_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) return 0;
  json::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  return error ? 0 : number;
}

/// Resources have a reader only as part of a job, so they are read as the resources of a job's only task.
std::expected<Resources, std::string> resources_from(const json::value& value) {
  json::object task, group, job;
  task["Resources"] = value;
  group["Tasks"] = json::array{task};
  job["TaskGroups"] = json::array{group};
  auto read = job_from_json(job);
  if (!read) return std::unexpected(read.error());
  return std::move(read->task_groups.at(0).tasks.at(0).resources);
}

}  // namespace

const TaskGroup* AllocationSpec::group() const {
  for (const TaskGroup& group : job->task_groups) {
    if (group.name == group_name) return &group;
  }
  return nullptr;
}

std::string AllocationSpec::index_text() const {
  const std::size_t open = name.rfind('[');
  if (open == std::string::npos || name.back() != ']') return "";
  return name.substr(open + 1, name.size() - open - 2);
}

std::expected<AllocationHead, std::string> allocation_head(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return std::unexpected("allocation: expected an object");
  AllocationHead head{text_of(*object, "ID"), number_of(*object, "AllocModifyIndex")};
  if (!is_uuid(head.id)) return std::unexpected("allocation: ID: expected a UUID");
  return head;
}

std::expected<AllocationSpec, std::string> allocation_from_json(const json::value& value) {
  auto head = allocation_head(value);
  if (!head) return std::unexpected(head.error());
  const json::object& object = value.get_object();
  AllocationSpec spec;
  spec.id = head->id;
  spec.alloc_modify_index = head->alloc_modify_index;
  spec.eval_id = text_of(object, "EvalID");
  spec.name = text_of(object, "Name");
  spec.node_id = text_of(object, "NodeID");
  spec.namespace_name = text_of(object, "Namespace");
  spec.job_id = text_of(object, "JobID");
  spec.group_name = text_of(object, "TaskGroup");
  spec.deployment_id = text_of(object, "DeploymentID");
  spec.desired_status = text_of(object, "DesiredStatus");
  spec.client_status = text_of(object, "ClientStatus");
  spec.create_index = number_of(object, "CreateIndex");
  spec.modify_index = number_of(object, "ModifyIndex");
  if (const json::value* status = object.if_contains("DeploymentStatus"); status != nullptr && status->is_object()) {
    const json::value* canary = status->get_object().if_contains("Canary");
    spec.canary = canary != nullptr && canary->is_bool() && canary->get_bool();
  }
  const json::value* job = object.if_contains("Job");
  if (job == nullptr || !job->is_object())
    return std::unexpected("allocation " + spec.id + ": Job: expected an object");
  spec.job_version = static_cast<std::int64_t>(number_of(object.contains("JobVersion") ? object : job->get_object(),
                                                         object.contains("JobVersion") ? "JobVersion" : "Version"));
  auto read = job_from_json(*job);
  if (!read) return std::unexpected("allocation " + spec.id + ": Job: " + read.error());
  spec.job = std::make_shared<const Job>(std::move(*read));
  if (spec.group() == nullptr) {
    return std::unexpected("allocation " + spec.id + ": its job has no task group \"" + spec.group_name + "\"");
  }
  if (const json::value* tasks = object.if_contains("TaskResources"); tasks != nullptr && tasks->is_object()) {
    for (const auto& [name, resources] : tasks->get_object()) {
      if (resources.is_null()) continue;
      auto of_task = resources_from(resources);
      if (!of_task) {
        return std::unexpected("allocation " + spec.id + ": TaskResources[" + std::string(name) +
                               "]: " + of_task.error());
      }
      spec.task_resources.emplace(std::string(name), std::move(*of_task));
    }
  }
  spec.json = json::serialize(value);
  return spec;
}

std::expected<AllocationSpec, std::string> allocation_from_text(const std::string& text) {
  json::error_code error;
  const json::value value = parse_answer(text, error);
  if (error) return std::unexpected("allocation: no valid JSON: " + error.message());
  return allocation_from_json(value);
}

}  // namespace orch::client
