// Evaluations and deployments: their rows hold the JSON that is shown.
#include <algorithm>

#include "projections/queries_impl.h"

namespace orch {
namespace {

std::string_view json_in(Table table, std::string_view row) {
  return table == Table::evaluations ? EvaluationRow::decode(row).json : DeploymentRow::decode(row).json;
}

// Objects of such a table by number, as a list.
template <class Impl>
Answer list_of(const Impl& impl, Table table, const std::vector<std::uint32_t>& numbers, LogIndex when_empty) {
  Answer answer;
  JsonWriter json(answer.json);
  json.array();
  for (std::uint32_t n : numbers) {
    const auto row = impl.newest(table, n);
    if (!row) continue;
    json.raw(json_in(table, row->value));
    answer.index = std::max(answer.index, row->index);
  }
  json.end();
  if (answer.index == 0) answer.index = when_empty;
  return answer;
}

template <class Impl>
Answer all_of(const Impl& impl, Table table, IdKind kind, std::string_view prefix, LogIndex index) {
  Answer answer = list_of(impl, table, impl.numbers_with(kind, impl.count_of(table), prefix), index);
  answer.index = index;
  return answer;
}

}  // namespace

Answer Queries::evaluations(std::string_view prefix) const {
  return all_of(*impl_, Table::evaluations, IdKind::evaluation, prefix, impl_->last_change(Noun::evaluations));
}

std::optional<Answer> Queries::evaluation(std::string_view uuid) const {
  const auto n = impl_->ids.number(IdKind::evaluation, uuid);
  const auto row = n ? impl_->newest(Table::evaluations, *n) : std::nullopt;
  if (!row) return {};
  return Answer{std::string(EvaluationRow::decode(row->value).json), row->index};
}

Answer Queries::job_evaluations(std::string_view id) const {
  const auto n = impl_->job_number(id);
  if (!n) return {"[]", impl_->last_change(Noun::evaluations)};
  return list_of(*impl_, Table::evaluations, impl_->children(Table::job_evaluations, n->value), impl_->created(*n));
}

Answer Queries::evaluation_allocations(std::string_view uuid) const {
  const auto n = impl_->ids.number(IdKind::evaluation, uuid);
  const auto row = n ? impl_->newest(Table::evaluations, *n) : std::nullopt;
  if (!row) return {"[]", impl_->last_change(Noun::allocations)};
  return impl_->list(impl_->allocations_of_chunks(Table::evaluation_chunks, *n), false, false, row->index);
}

Answer Queries::deployments(std::string_view prefix) const {
  return all_of(*impl_, Table::deployments, IdKind::deployment, prefix, impl_->last_change(Noun::deployments));
}

std::optional<Answer> Queries::deployment(std::string_view uuid) const {
  const auto n = impl_->ids.number(IdKind::deployment, uuid);
  const auto row = n ? impl_->newest(Table::deployments, *n) : std::nullopt;
  if (!row) return {};
  return Answer{std::string(DeploymentRow::decode(row->value).json), row->index};
}

Answer Queries::job_deployments(std::string_view id) const {
  const auto n = impl_->job_number(id);
  if (!n) return {"[]", impl_->last_change(Noun::deployments)};
  return list_of(*impl_, Table::deployments, impl_->children(Table::job_deployments, n->value), impl_->created(*n));
}

Answer Queries::job_deployment(std::string_view id) const {
  const auto n = impl_->job_number(id);
  const auto numbers = n ? impl_->children(Table::job_deployments, n->value) : std::vector<std::uint32_t>{};
  const auto row = numbers.empty() ? std::nullopt : impl_->newest(Table::deployments, numbers.front());
  if (!row) return {"null", n ? impl_->created(*n) : impl_->last_change(Noun::deployments)};
  return {std::string(DeploymentRow::decode(row->value).json), row->index};
}

Answer Queries::deployment_allocations(std::string_view uuid) const {
  const auto n = impl_->ids.number(IdKind::deployment, uuid);
  const auto row = n ? impl_->newest(Table::deployments, *n) : std::nullopt;
  if (!row) return {"[]", impl_->last_change(Noun::allocations)};
  // A deployment's allocations are its job's that name it: those that its plans placed and those updated in place.
  std::vector<std::uint32_t> numbers;
  const JobNumber job = DeploymentRow::decode(row->value).job;
  for (std::uint32_t a : impl_->allocations_of_chunks(Table::job_chunks, job.value)) {
    const auto allocation = impl_->allocation(a);
    if (allocation && allocation->deployment.value == *n) numbers.push_back(a);
  }
  return impl_->list(numbers, false, false, row->index);
}

}  // namespace orch
