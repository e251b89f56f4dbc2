#include "cli/format/data_output.h"

#include "cli/api_client.h"
#include "cli/format/shown.h"
#include "cli/format/template.h"
#include "core/base/assert.h"

namespace orch::cli {

void DataOutput::add_to(CommandLine& app) {
  app.add_flag("json", json, "The API's JSON");
  app.add_option("t", format, "The API's data through a template, as of Go: -t '{{.ID}}'");
}

int DataOutput::print(const boost::json::value& data) const {
  ORCH_ASSERT(wanted(), "data are printed for programs that ask for them");
  if (json && !format.empty()) return complain("Both json and template formatting are not allowed");
  if (json) return print_line(pretty(data)), 0;
  const auto text = fill_template(format, data);
  if (!text) return complain("Error formatting the data: " + text.error());
  print_line(*text);
  return 0;
}

}  // namespace orch::cli
