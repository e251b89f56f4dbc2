// Ids by prefix: eight digits and more are inverted to a number, shorter prefixes walk what there is.
#include <algorithm>

#include "projections/queries_impl.h"

namespace orch {

std::vector<std::uint32_t> Queries::Impl::numbers_with(IdKind kind, std::uint32_t end, std::string_view prefix,
                                                        std::size_t most) const {
  std::vector<std::uint32_t> numbers;
  auto consider = [&](std::uint32_t n) {
    if (prefix.empty() || ids.uuid(kind, n).starts_with(prefix)) numbers.push_back(n);
  };
  if (prefix.size() < 8) {
    for (std::uint32_t n = end; n-- > 0 && numbers.size() < most;) consider(n);
    return numbers;
  }
  const auto lead = ids.lead(prefix);
  if (!lead || lead->kind != kind) return numbers;
  for (std::uint64_t n = lead->low; n < end; n += 1ull << 30) consider(static_cast<std::uint32_t>(n));
  std::reverse(numbers.begin(), numbers.end());
  return numbers;
}

LogIndex Queries::Impl::created(JobNumber job) const {
  return JobRow::decode(newest(Table::jobs, job.value)->value).create_index;
}

Queries::Matches Queries::search(Context context, std::string_view prefix, std::size_t limit) const {
  Matches found;
  auto match_keys = [&](Table table) {
    impl_->snapshot->scan(table, prefix, [&](Row row) {
      if (row.key.substr(0, prefix.size()) != prefix) return false;
      if (found.ids.size() == limit) {
        found.truncated = true;
        return false;
      }
      found.ids.emplace_back(row.key);
      return true;
    });
  };
  auto match_ids = [&](IdKind kind, std::uint32_t end) {
    for (std::uint32_t n : impl_->numbers_with(kind, end, prefix, limit + 1)) {
      if (found.ids.size() == limit) {
        found.truncated = true;
        return;
      }
      found.ids.push_back(impl_->ids.uuid(kind, n));
    }
  };
  switch (context) {
    case Context::jobs: match_keys(Table::job_ids); break;
    case Context::nodes: match_keys(Table::node_ids); break;
    case Context::allocations:
      match_ids(IdKind::allocation, impl_->allocation_end());
      break;
    case Context::evaluations:
      match_ids(IdKind::evaluation, impl_->count_of(Table::evaluations));
      break;
    case Context::deployments:
      match_ids(IdKind::deployment, impl_->count_of(Table::deployments));
      break;
  }
  return found;
}

std::string Queries::object(Context context, std::uint32_t n, bool with_job) const {
  switch (context) {
    case Context::jobs: {
      const auto row = impl_->newest(Table::jobs, n);
      if (!row) return "null";
      const JobRow job = JobRow::decode(row->value);
      const std::uint32_t version = job.versions.back().number;
      const auto spec = impl_->snapshot->get(Table::job_versions, key_of(n, version));
      std::string out;
      JsonWriter json(out);
      impl_->append_job(json, job, JobVersionRow::decode(*spec), version);
      return out;
    }
    case Context::nodes: {
      const auto row = impl_->newest(Table::nodes, n);
      if (!row) return "null";
      std::string out;
      JsonWriter json(out);
      NodeRow::decode(row->value).append_whole(json);
      return out;
    }
    case Context::allocations: {
      const auto a = impl_->allocation(n);
      if (!a) return "null";
      std::string out;
      JsonWriter json(out);
      Impl::Cache cache;
      impl_->append_whole(json, cache, *a, with_job);
      return out;
    }
    case Context::evaluations: {
      const auto row = impl_->newest(Table::evaluations, n);
      return row ? std::string(EvaluationRow::decode(row->value).json) : "null";
    }
    case Context::deployments: {
      const auto row = impl_->newest(Table::deployments, n);
      return row ? std::string(DeploymentRow::decode(row->value).json) : "null";
    }
  }
  return "null";
}

Queries::Belongs Queries::belongs(Context context, std::uint32_t n) const {
  switch (context) {
    case Context::jobs:
    case Context::nodes:
      break;
    case Context::allocations:
      if (const auto row = impl_->snapshot->at_or_before(Table::chunks, key_of(n))) {
        const ChunkRow chunk = ChunkRow::decode(row->value);
        const auto desired = impl_->newest(Table::allocation_desired, n);
        return {chunk.job, desired ? DesiredRow::decode(desired->value).deployment : chunk.deployment};
      }
      break;
    case Context::evaluations:
      if (const auto row = impl_->newest(Table::evaluations, n)) {
        const EvaluationRow e = EvaluationRow::decode(row->value);
        return {e.job, e.deployment};
      }
      break;
    case Context::deployments:
      if (const auto row = impl_->newest(Table::deployments, n)) return {DeploymentRow::decode(row->value).job, {}};
      break;
  }
  return {};
}

std::string Queries::id_of(Context context, std::uint32_t n) const {
  switch (context) {
    case Context::jobs: {
      const auto row = impl_->newest(Table::jobs, n);
      return row ? std::string(JobRow::decode(row->value).id) : std::string();
    }
    case Context::nodes: {
      const auto row = impl_->newest(Table::nodes, n);
      return row ? std::string(NodeRow::decode(row->value).uuid) : std::string();
    }
    case Context::allocations: return impl_->ids.uuid(IdKind::allocation, n);
    case Context::evaluations: return impl_->ids.uuid(IdKind::evaluation, n);
    case Context::deployments: return impl_->ids.uuid(IdKind::deployment, n);
  }
  return {};
}

}  // namespace orch
