// Jobs, nodes and what nodes report as Nomad's API JSON, derived from the field tables.
//
// Written: empty lists and maps are null, absent optionals are null, durations are nanoseconds, names are sorted as the
// tables list them. Read: unknown keys are ignored, null and absent leave the default, and a value of the wrong type is
// an error that names its path ("TaskGroups[0].Count: expected a whole number, got \"three\"").
#pragma once

#include <boost/json/value.hpp>
#include <expected>
#include <string>
#include <vector>

#include "core/model/job.h"
#include "core/model/node.h"
#include "core/model/running_service.h"
#include "core/model/task_state.h"

namespace orch {

std::string job_to_json(const Job& job);

/// The fields without the braces, to which the cluster's own are added; ends without a comma.
void append_job_fields(std::string& out, const Job& job);
void append_node_fields(std::string& out, const Node& node);
void append_drivers(std::string& out, const std::map<std::string, DriverInfo>& drivers);
void append_value(std::string& out, const Value& value);
void append_map(std::string& out, const Value::Map& map);

std::expected<Job, std::string> job_from_json(const boost::json::value& json);
std::expected<Node, std::string> node_from_json(const boost::json::value& json);

/// What a node reports. Texts that follow from the rest (an event's DisplayMessage) are not kept; task_states_json.h
/// writes the other direction.
std::expected<TaskStates, std::string> task_states_from_json(const boost::json::value& json);
std::expected<std::vector<RunningService>, std::string> services_from_json(const boost::json::value& json);
/// Empty lists are [] here, as the catalogue shows them.
std::string services_to_json(const std::vector<RunningService>& services);

/// Any JSON as a free-form value; whole numbers stay whole.
Value value_from_json(const boost::json::value& json);

}  // namespace orch
