#include "cli/commands/alloc_lookup.h"

#include <boost/json.hpp>
#include <random>

#include "cli/commands/alloc_table.h"
#include "cli/commands/id_prefix.h"
#include "cli/format/shown.h"
#include "core/base/assert.h"
#include "drivers/net/percent.h"
#include "drivers/uuid/uuid.h"

namespace orch::cli {

std::expected<boost::json::value, int> alloc_of_prefix(ApiClient& api, const std::string& prefix, bool verbose,
                                                       int when_several) {
  ORCH_ASSERT(when_several == 0 || when_several == 1, "what is told goes to one of the two outputs");
  if (std::string why = prefix_complaint(prefix); !why.empty()) return std::unexpected(complain(why));
  std::string id = prefix;
  if (!is_uuid(prefix)) {
    auto found = api.get("/v1/allocations?prefix=" + net::percent_encoded(whole_bytes(prefix)));
    if (!found) return std::unexpected(complain("Error querying allocation: " + found.error().message));
    // The API was asked with whole bytes: an odd last digit is held against its answer here.
    std::vector<const boost::json::value*> matches;
    for (const auto* a : newest_first(found->json)) {
      if (text_of(*a, "ID").starts_with(prefix)) matches.push_back(a);
    }
    if (matches.empty()) {
      return std::unexpected(complain("No allocation(s) with prefix or id \"" + prefix + "\" found"));
    }
    if (matches.size() > 1) {
      const std::string several = "Prefix matched multiple allocations\n\n" + alloc_table(matches, verbose);
      when_several == 0 ? print_line(several) : static_cast<void>(complain(several));
      return std::unexpected(when_several);
    }
    id = text_of(*matches[0], "ID");
  }
  auto whole = api.get("/v1/allocation/" + net::percent_encoded(id));
  if (!whole && whole.error().status == 404) {
    return std::unexpected(complain("No allocation(s) with prefix or id \"" + prefix + "\" found"));
  }
  if (!whole) return std::unexpected(complain("Error querying allocation: " + whole.error().message));
  return std::move(whole->json);
}

const boost::json::value& group_of_alloc(const boost::json::value& alloc) {
  static const boost::json::value none;
  const std::string name = text_of(alloc, "TaskGroup");
  if (const auto* groups = member_of(member_of(alloc, "Job"), "TaskGroups").if_array()) {
    for (const auto& group : *groups) {
      if (text_of(group, "Name") == name) return group;
    }
  }
  return none;
}

std::expected<std::string, int> task_of_alloc(const boost::json::value& alloc, const std::string& wanted) {
  std::vector<std::string> names;
  if (const auto* tasks = member_of(group_of_alloc(alloc), "Tasks").if_array()) {
    for (const auto& task : *tasks) names.push_back(text_of(task, "Name"));
  }
  const std::string id = shown_id(text_of(alloc, "ID"), false);
  std::string list;
  for (const std::string& name : names) list += "\n  * " + name;
  if (!wanted.empty()) {
    for (const std::string& name : names) {
      if (name == wanted) return wanted;
    }
    return std::unexpected(complain("Allocation \"" + id + "\" has no task \"" + wanted + "\". Its tasks:" + list));
  }
  if (names.size() == 1) return names[0];
  if (names.empty()) return std::unexpected(complain("Could not determine the tasks of allocation \"" + id + "\""));
  return std::unexpected(
      complain("Allocation \"" + id + "\" is running the following tasks:" + list + "\n\nPlease specify the task."));
}

std::expected<std::string, int> alloc_of_job(ApiClient& api, const std::string& job) {
  auto answer = api.get("/v1/job/" + net::percent_encoded(job) + "/allocations");
  if (!answer) return std::unexpected(complain("Error fetching allocations: " + answer.error().message));
  std::vector<std::string> running;
  if (const auto* list = answer->json.if_array()) {
    for (const auto& a : *list) {
      if (text_of(a, "ClientStatus") == "running") running.push_back(text_of(a, "ID"));
    }
  }
  if (running.empty()) {  // a batch job that has ended, say: what it wrote is still there
    const auto list = newest_first(answer->json);
    if (list.empty()) return std::unexpected(complain("No allocations for job \"" + job + "\" found"));
    return text_of(*list[0], "ID");
  }
  return running[std::random_device{}() % running.size()];
}

}  // namespace orch::cli
