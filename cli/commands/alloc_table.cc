#include "cli/commands/alloc_table.h"

#include <algorithm>
#include <boost/json.hpp>

#include "cli/api_client.h"
#include "cli/format/moment.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"

namespace orch::cli {

std::vector<const boost::json::value*> newest_first(const boost::json::value& allocations) {
  std::vector<const boost::json::value*> out;
  if (const auto* list = allocations.if_array()) {
    for (const auto& item : *list) out.push_back(&item);
  }
  std::stable_sort(out.begin(), out.end(), [](const auto* a, const auto* b) {
    return number_of(*a, "CreateIndex") > number_of(*b, "CreateIndex");
  });
  return out;
}

std::int64_t job_version_of(const boost::json::value& allocation) {
  const bool told = member_of(allocation, "JobVersion").is_number();
  return told ? number_of(allocation, "JobVersion") : number_of(member_of(allocation, "Job"), "Version");
}

std::string alloc_table(const std::vector<const boost::json::value*>& allocations, bool verbose) {
  std::vector<std::vector<std::string>> rows;
  if (verbose) {
    rows = {{"ID", "Eval ID", "Node ID", "Task Group", "Version", "Desired", "Status", "Created", "Modified"}};
  } else {
    rows = {{"ID", "Node ID", "Task Group", "Version", "Desired", "Status", "Created", "Modified"}};
  }
  for (const auto* a : allocations) {
    std::vector<std::string> row{shown_id(text_of(*a, "ID"), verbose)};
    if (verbose) row.push_back(text_of(*a, "EvalID"));
    row.push_back(shown_id(text_of(*a, "NodeID"), verbose));
    row.push_back(text_of(*a, "TaskGroup"));
    row.push_back(std::to_string(job_version_of(*a)));
    row.push_back(text_of(*a, "DesiredStatus"));
    row.push_back(text_of(*a, "ClientStatus"));
    for (const char* name : {"CreateTime", "ModifyTime"}) {
      const WallTime time{number_of(*a, name)};
      row.push_back(verbose ? instant(time) : ago(time));
    }
    rows.push_back(std::move(row));
  }
  return table(rows);
}

}  // namespace orch::cli
