#include "drivers/http/job_parse.h"

#include <boost/json.hpp>

#include "core/base/assert.h"
#include "core/jobspec/canonicalize.h"
#include "core/model/job_json.h"
#include "core/model/json_limits.h"

namespace orch::http {
namespace {

namespace json = boost::json;

json::value json_of(const Job& job) {
  json::error_code error;
  json::value value = parse_answer(job_to_json(job), error);
  ORCH_ASSERT(!error, "a job that was read is written as JSON within the bounds of answers");
  return value;
}

// The update block with its defaults, whole: a registered job keeps less of it (canonicalize.h).
std::optional<UpdateStrategy> whole_update(const std::optional<UpdateStrategy>& update) {
  Job probe;
  probe.update = update;
  probe.task_groups.emplace_back();
  canonicalize(probe);
  return probe.task_groups[0].update;
}

void open_when(json::object& object, std::string_view name, const json::value& usual) {
  if (json::value* value = object.if_contains(name); value != nullptr && *value == usual) *value = nullptr;
}

void leave_open(json::object& job) {
  const json::value usual = json_of(Job{});
  for (const char* name : {"AllAtOnce", "Namespace", "ParentID", "Priority", "Region", "Type", "VaultToken"}) {
    open_when(job, name, usual.at(name));
  }
  if (!job["TaskGroups"].is_array()) return;
  Job one;
  one.task_groups.emplace_back().tasks.emplace_back();
  const json::value filled = json_of(one);
  const json::object& group_usual = filled.at("TaskGroups").at(0).as_object();
  const json::object& task_usual = group_usual.at("Tasks").at(0).as_object();
  for (json::value& group : job["TaskGroups"].as_array()) {
    open_when(group.as_object(), "EphemeralDisk", group_usual.at("EphemeralDisk"));
    if (!group.at("Tasks").is_array()) continue;
    for (json::value& task : group.at("Tasks").as_array()) {
      for (const char* name : {"KillTimeout", "LogConfig", "Resources"})
        open_when(task.as_object(), name, task_usual.at(name));
      if (json::object* resources = task.at("Resources").if_object()) {
        for (const char* name : {"CPU", "DiskMB", "IOPS", "MemoryMB"})
          open_when(*resources, name, task_usual.at("Resources").at(name));
      }
    }
  }
}

void open_disk(json::object& job) {
  if (!job["TaskGroups"].is_array()) return;
  for (json::value& group : job["TaskGroups"].as_array()) {
    if (!group.at("Tasks").is_array()) continue;
    for (json::value& task : group.at("Tasks").as_array()) open_when(task.at("Resources").as_object(), "DiskMB", 0);
  }
}

}  // namespace

std::string parsed_job_json(const Job& parsed, bool canonical) {
  Job job = parsed;
  if (canonical) {
    canonicalize(job);
    job.update = parsed.update ? whole_update(parsed.update) : std::nullopt;
  }
  json::object out = json_of(job).as_object();
  // What only a cluster can say.
  out["Dispatched"] = false;
  out["Payload"] = nullptr;
  out["SubmitTime"] = nullptr;
  for (const char* name : {"CreateIndex", "JobModifyIndex", "ModifyIndex", "Version"})
    out[name] = canonical ? json::value(0) : json::value();
  for (const char* name : {"Stable", "Stop"}) out[name] = canonical ? json::value(false) : json::value();
  for (const char* name : {"Status", "StatusDescription"}) out[name] = canonical ? json::value("") : json::value();
  if (canonical) {
    open_disk(out);
  } else {
    leave_open(out);
  }
  return json::serialize(out);
}

}  // namespace orch::http
