// orch alloc fs: the files of an allocation, listed or printed.
#include <boost/json.hpp>

#include "cli/command.h"
#include "cli/commands/alloc_lookup.h"
#include "cli/commands/node_lookup.h"
#include "cli/commands/tail.h"
#include "cli/format/bytes.h"
#include "cli/format/color.h"
#include "cli/format/moment.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"
#include "core/base/format.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

void add_row(std::vector<std::vector<std::string>>& rows, const boost::json::value& file, bool for_machines) {
  const std::int64_t size = number_of(file, "Size");
  rows.push_back({text_of(file, "FileMode"),
                  for_machines ? std::to_string(size) : binary_size(static_cast<std::uint64_t>(size)),
                  instant(parse_instant(text_of(file, "ModTime"))),
                  text_of(file, "Name") + (flag_of(file, "IsDir") ? "/" : "")});
}

int run(const Words& words) {
  CommandLine app{"Lists a folder of an allocation, or prints a file.", "orch alloc fs"};
  GeneralOptions general;
  TailOptions tail;
  std::string alloc_id, path = "/";
  bool for_machines = false, only_stat = false, of_job = false, verbose = false;
  app.add_argument("allocation", alloc_id, "Id of the allocation, or its first characters; with -job a job",
                   Need::required, Offer::allocations);
  app.add_argument("path", path, "Path below the allocation's folder", Need::optional);
  app.add_flag("H", for_machines, "Sizes in bytes");
  app.add_flag("stat", only_stat, "Size and time of the file or folder itself");
  app.add_flag("job", of_job, "Some running allocation of the job, or its newest where none runs");
  app.add_flag("verbose", verbose, "Whole ids");
  tail.add_to(app);
  general.add_to(app);
  app.add_example("orch alloc fs 5f3a2b1c");
  app.add_example("orch alloc fs 5f3a2b1c alloc/logs");
  app.add_example("orch alloc fs -tail -f 5f3a2b1c alloc/logs/redis.stdout.0");
  if (auto over = app.parse(words)) return *over;
  if (std::string problem = tail.problem(); !problem.empty()) return app.misused(problem);

  ApiClient api(general);
  if (of_job) {
    auto some = alloc_of_job(api, alloc_id);
    if (!some) return some.error();
    alloc_id = *some;
  }
  auto alloc = alloc_of_prefix(api, alloc_id, verbose);
  if (!alloc) return alloc.error();
  const std::string id = text_of(*alloc, "ID");
  ApiClient agent = agent_of_node(api, general, text_of(*alloc, "NodeID"));
  auto at = [&](const char* what) {
    return fmt::format("/v1/client/fs/{}/{}?path={}", what, net::percent_encoded(id), net::percent_encoded(path));
  };

  auto file = agent.get(at("stat"));
  if (!file) return complain(file.error().message);
  std::vector<std::vector<std::string>> rows{{"Mode", "Size", "Modified Time", "Name"}};
  if (only_stat) {
    add_row(rows, file->json, for_machines);
    print_line(table(rows));
    return 0;
  }
  if (flag_of(file->json, "IsDir")) {
    auto files = agent.get(at("ls"));
    if (!files) return complain("Error listing alloc dir: " + files.error().message);
    if (const auto* list = files->json.if_array()) {
      for (const auto& f : *list) add_row(rows, f, for_machines);
    }
    print_line(table(rows));
    return 0;
  }
  auto printed = print_tail(agent, tail, [&](const char* origin, std::uint64_t offset, bool follow) {
    return fmt::format("{}&plain=true&origin={}&offset={}&follow={}", at("stream"), origin, offset, follow);
  });
  return printed ? 0 : complain("Error reading file: " + printed.error().message);
}

}  // namespace

Command alloc_fs_command() { return {"alloc fs", "Lists and prints files of an allocation", run, {"fs"}}; }

}  // namespace orch::cli
