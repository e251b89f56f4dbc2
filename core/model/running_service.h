// A service as the catalogue knows it: what a node tells of one that runs there, and what its checks say.
//
// The order of the fields is that of its JSON (`/v1/service/:name`).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/job.h"

namespace orch {

struct RunningCheck {
  std::string name, type, status, output;
  bool operator==(const RunningCheck&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Name", "", name);
    ORCH_FIELD(2, "Type", "", type);
    ORCH_FIELD(3, "Status", "", status);
    ORCH_FIELD(4, "Output", "", output);
  }
};

struct RunningService {
  std::string id, service_name, namespace_name, node_id, datacenter, job_id, alloc_id, task_name, address;
  std::int32_t port = 0;
  StringList tags;
  std::vector<RunningCheck> checks;
  std::string status;  // of the worst check
  bool operator==(const RunningService&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "ID", "", id);
    ORCH_FIELD(2, "ServiceName", "", service_name);
    ORCH_FIELD(3, "Namespace", "", namespace_name);
    ORCH_FIELD(4, "NodeID", "", node_id);
    ORCH_FIELD(5, "Datacenter", "", datacenter);
    ORCH_FIELD(6, "JobID", "", job_id);
    ORCH_FIELD(7, "AllocID", "", alloc_id);
    ORCH_FIELD(8, "TaskName", "", task_name);
    ORCH_FIELD(9, "Address", "", address);
    ORCH_FIELD(10, "Port", "", port);
    ORCH_FIELD(11, "Tags", "", tags);
    ORCH_FIELD(12, "Checks", "", checks);
    ORCH_FIELD(13, "Status", "", status);
  }
};

}  // namespace orch
