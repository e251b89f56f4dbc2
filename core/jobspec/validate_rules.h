// The rules of `validate`, a file for each part of a job. Each adds sentences to `errors`; Nomad's where it has the
// rule.
//
// Policies are those of a canonical job: every optional in them is engaged.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/model/job.h"

namespace orch {

using Errors = std::vector<std::string>;

// validate_placement.cc
void check_constraints(const std::vector<Constraint>& constraints, bool of_task, Errors& errors);
void check_affinities(const std::vector<Affinity>& affinities, Errors& errors);
void check_spreads(const std::vector<Spread>& spreads, Errors& errors);

// validate_policies.cc: restart, reschedule, update, migrate
/// Whether every policy that the group has says everything.
bool has_whole_policies(const TaskGroup& group);
void check_policies(const Job& job, const TaskGroup& group, Errors& errors);

// validate_ports.cc. A static port may be asked for once per group, a label once per network block.
void check_ports(const std::vector<NetworkResource>& networks, const std::string& owner,
                 std::map<std::int32_t, std::string>& statics, Errors& errors);
void add_labels(const std::vector<NetworkResource>& networks, std::set<std::string>& labels);
/// The services of a task or of a group, and whether the ports they name are among `labels`.
void check_services(const std::vector<Service>& services, const std::set<std::string>& labels, Errors& errors);

// validate_task.cc
Errors check_task(const Task& task, const TaskGroup& group, const std::set<std::string>& group_labels);

// validate_launch.cc: periodic and parameterized
void check_launch(const Job& job, Errors& errors);

}  // namespace orch
