// The difference of two job versions, as `job plan` and `job history -p` show it.
//
// Derived from the field tables, in Nomad's shape and names: primitives are fields, maps are fields `Meta[k]`, lists of
// texts and blocks are objects. Everything is sorted by name. An edited object shows its unchanged fields too; jobs,
// groups and tasks show changed ones only. Values are texts; absent is "".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/model/job.h"

namespace orch {

enum class DiffType : std::uint8_t { none, added, deleted, edited };
const char* text(DiffType type);

struct FieldDiff {
  DiffType type = DiffType::none;
  std::string name, before, after;
  std::vector<std::string> annotations;
};

struct ObjectDiff {
  DiffType type = DiffType::none;
  std::string name;
  std::vector<FieldDiff> fields;
  std::vector<ObjectDiff> objects;
};

struct TaskDiff {
  DiffType type = DiffType::none;
  std::string name;
  std::vector<FieldDiff> fields;
  std::vector<ObjectDiff> objects;
  std::vector<std::string> annotations;
};

struct TaskGroupDiff {
  DiffType type = DiffType::none;
  std::string name;
  std::vector<FieldDiff> fields;
  std::vector<ObjectDiff> objects;
  std::vector<TaskDiff> tasks;
  std::map<std::string, std::uint64_t> updates;  ///< "create", "in-place update", … → how many; from the scheduler
};

struct JobDiff {
  DiffType type = DiffType::none;
  std::string id;
  std::vector<FieldDiff> fields;
  std::vector<ObjectDiff> objects;
  std::vector<TaskGroupDiff> task_groups;
};

/// `before` null: the job is new. Whether it is stopped is no part of a Job, but shown like one of its fields.
JobDiff diff_jobs(const Job* before, const Job& after, bool before_stopped = false, bool after_stopped = false);

/// Says of each task and count what the change forces ("forces create/destroy update", …).
void annotate(JobDiff& diff);

std::string diff_to_json(const JobDiff& diff);

}  // namespace orch
