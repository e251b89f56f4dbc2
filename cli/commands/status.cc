// orch status [ID]: the jobs, or whatever object an id or the beginning of one names.
#include <boost/json.hpp>
#include <utility>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/format/data_output.h"
#include "cli/format/shown.h"
#include "core/base/assert.h"
#include "core/model/json_text.h"

namespace orch::cli {
namespace {

struct Kind {
  const char* context;  // the search's name of it
  const char* title;    // as Nomad heads its matches
  const char* command;  // that shows one
};
constexpr const char* job_command = "job status";
// In the order in which an id is looked for; a job is taken at once when its id was typed whole.
constexpr Kind kinds[] = {
    {"jobs", "Jobs", job_command},
    {"allocs", "Allocs", "alloc status"},
    {"evals", "Evals", "eval status"},
    {"nodes", "Nodes", "node status"},
    {"deployment", "Deployment", "deployment status"},
};

int run_command(const char* name, const Words& words) {
  const Command* command = find_command(name);
  ORCH_ASSERT(command != nullptr, "what status shows an object with is a command");
  return command->run(words);
}

std::vector<std::string> matches_of(const boost::json::value& answer, const char* context) {
  std::vector<std::string> out;
  if (const auto* list = member_of(member_of(answer, "Matches"), context).if_array()) {
    for (const auto& id : *list) {
      if (id.is_string()) out.emplace_back(id.get_string());
    }
  }
  return out;
}

int say_several(const boost::json::value& answer, const std::string& prefix) {
  complain("Multiple matches found for id \"" + prefix + "\"");
  for (const Kind& kind : kinds) {
    const auto ids = matches_of(answer, kind.context);
    if (ids.empty()) continue;
    std::string line = "\n" + std::string(kind.title) + ":\n";
    for (std::size_t i = 0; i < ids.size(); ++i) line += (i == 0 ? "" : ", ") + ids[i];
    if (flag_of(member_of(answer, "Truncations"), kind.context)) line += ", …";
    complain(line);
  }
  return 1;
}

int run(const Words& words) {
  CommandLine app{"Lists the jobs, or shows whatever an id or its beginning names.", "orch status"};
  GeneralOptions general;
  std::string prefix;
  bool verbose = false, brief = false, evals = false, all = false;
  DataOutput data;
  general.add_to(app);
  app.add_argument("id", prefix, "A job, allocation, evaluation, node or deployment", Need::optional, Offer::anything);
  app.add_flag("verbose", verbose, "Whole ids and instants");
  app.add_flag("short", brief, "Only the head");
  app.add_flag("evals", evals, "Of a job: its evaluations too");
  app.add_flag("all-allocs", all, "Of a job: also allocations of an earlier job of the same id");
  data.add_to(app);
  app.add_example("orch status");
  app.add_example("orch status example");
  app.add_example("orch status 5f3a");
  if (auto over = app.parse(words)) return *over;
  if (prefix.empty()) return run_command(job_command, words);

  ApiClient api(general);
  const auto found = api.put("/v1/search", "{\"Context\":\"all\",\"Prefix\":" + orch::quoted(prefix) + "}");
  if (!found) return complain("Error querying search with id: \"" + prefix + "\": " + found.error().message);
  const Kind* only = nullptr;
  std::size_t matches = 0;
  for (const Kind& kind : kinds) {
    const auto ids = matches_of(found->json, kind.context);
    if (kind.command == job_command) {
      for (const std::string& id : ids) {
        if (id == prefix) return run_command(job_command, words);
      }
    }
    if (!ids.empty()) only = &kind;
    matches += ids.size();
  }
  if (matches == 0) return complain("Unable to resolve ID: \"" + prefix + "\"");
  if (matches > 1) return say_several(found->json, prefix);
  return run_command(only->command, words);
}

}  // namespace

Command status_command() { return {"status", "Shows jobs, or whatever an id names", run}; }

}  // namespace orch::cli
