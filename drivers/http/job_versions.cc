#include "drivers/http/job_versions.h"

#include <boost/json.hpp>

#include "core/base/assert.h"
#include "core/model/json_limits.h"
#include "core/jobspec/job_diff.h"
#include "core/model/job_json.h"

namespace orch::http {

namespace json = boost::json;

std::string with_diffs(const std::string& versions_answer) {
  json::error_code error;
  const json::value document = parse_answer(versions_answer, error);
  ORCH_ASSERT(!error, "what the views answer is JSON within the bounds of answers");
  const json::array& versions = document.at("Versions").as_array();
  std::string diffs;
  for (std::size_t i = 0; i + 1 < versions.size(); ++i) {
    const auto after = job_from_json(versions[i]), before = job_from_json(versions[i + 1]);
    if (!after || !before) continue;  // our own JSON: both can be read
    JobDiff diff = diff_jobs(&*before, *after);
    const bool stopped = versions[i].at("Stop").as_bool(), was_stopped = versions[i + 1].at("Stop").as_bool();
    if (stopped != was_stopped) {
      diff.type = DiffType::edited;
      diff.fields.push_back({DiffType::edited, "Stop", was_stopped ? "true" : "false", stopped ? "true" : "false", {}});
    }
    diffs += (diffs.empty() ? "[" : ",") + diff_to_json(diff);
  }
  if (diffs.empty()) return versions_answer;
  static constexpr std::string_view none = "{\"Diffs\":null";
  return "{\"Diffs\":" + diffs + "]" + versions_answer.substr(none.size());
}

}  // namespace orch::http
