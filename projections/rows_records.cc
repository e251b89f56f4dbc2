// Keys, and the rows of records, evaluations and deployments.
#include "projections/rows.h"

namespace orch {

std::string index_key(LogIndex index) {
  return key_of(static_cast<std::uint32_t>(index >> 32), static_cast<std::uint32_t>(index));
}

LogIndex index_of_key(std::string_view key) { return static_cast<LogIndex>(number_in(key)) << 32 | number_in(key, 4); }

std::string noun_key(Noun noun) {
  static constexpr const char* names[noun_count] = {"jobs",        "nodes",       "allocations",
                                                    "evaluations", "deployments", "services"};
  return std::string("index:") + names[static_cast<std::size_t>(noun)];
}

void RefusalRow::encode(RowWriter& out, const CommandOutcome& outcome) {
  out.text(outcome.refusal).number(outcome.repeated ? outcome.first_index : 0).number(outcome.refused_placements);
}

RefusalRow RefusalRow::decode(std::string_view row) {
  RowReader r(row);
  RefusalRow made{};
  made.reason = r.text();
  made.first_index = r.number<LogIndex>();
  made.refused_placements = r.number<std::uint32_t>();
  return made;
}

void EvaluationRow::encode(RowWriter& out, JobNumber job, DeploymentNumber deployment, std::string_view json) {
  out.number(job.value).number(deployment.value).text(json);
}

EvaluationRow EvaluationRow::decode(std::string_view row) {
  RowReader r(row);
  EvaluationRow e;
  e.job = {r.number<std::uint32_t>()};
  e.deployment = {r.number<std::uint32_t>()};
  e.json = r.text();
  return e;
}

void DeploymentRow::encode(RowWriter& out, JobNumber job, std::string_view json) { out.number(job.value).text(json); }

DeploymentRow DeploymentRow::decode(std::string_view row) {
  RowReader r(row);
  DeploymentRow d;
  d.job = {r.number<std::uint32_t>()};
  d.json = r.text();
  return d;
}

}  // namespace orch
