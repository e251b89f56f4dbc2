// orch history [ID]: the log as it was written, a line per command.
#include <boost/json.hpp>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"
#include "core/base/format.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

int run(const Words& words) {
  CommandLine app{"Prints the log: index, time, who, what, and why. With an id, what touched that object.",
                  "orch history"};
  GeneralOptions general;
  std::string id;
  std::uint64_t index = 1;
  bool json = false;
  general.add_to(app);
  app.add_argument("id", id, "A job, or the id (or its beginning) of a node, evaluation, deployment or allocation",
                   Need::optional, Offer::anything);
  app.add_option("index", index, "First index of the log to print (1)");
  app.add_flag("json", json, "A JSON object per line");
  app.add_example("orch history");
  app.add_example("orch history example");
  app.add_example("orch history -json -index 1000");
  if (auto over = app.parse(words)) return *over;

  ApiClient api(general);
  std::string text;
  const auto read = api.stream(
      "/v1/orch/history?index=" + std::to_string(index) + (id.empty() ? "" : "&id=" + net::percent_encoded(id)),
      [&](std::string_view data) { return text += data, true; });
  if (!read) return complain("Error reading the history: " + read.error().message);
  std::vector<std::vector<std::string>> rows{{"Index", "Time", "Who", "What", "Cause"}};
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (json) {
      print_line(line);
      continue;
    }
    boost::json::error_code error;
    const auto record = boost::json::parse(line, error);
    if (error) return complain(fmt::format("the agent's answer is cut off; ask from index {} again", index));
    rows.push_back({std::to_string(number_of(record, "Index")), text_of(record, "Time"), text_of(record, "Who"),
                    text_of(record, "What"), text_of(record, "Cause")});
  }
  if (!json) print_line(rows.size() > 1 ? table(rows) : fmt::format("No record from index {} on", index));
  return 0;
}

}  // namespace

Command history_command() { return {"history", "Prints the log, a line per record", run}; }

}  // namespace orch::cli
