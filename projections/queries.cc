#include "projections/queries.h"

#include <algorithm>
#include <cstring>

#include "projections/job_entry.h"
#include "projections/queries_impl.h"

namespace orch {

std::optional<Queries::Impl::Version> Queries::Impl::newest(Table table, std::string object) const {
  const std::size_t size = object.size();
  append_version(object, instant);
  const auto row = snapshot->at_or_after(table, object);
  if (!row || row->key.substr(0, size) != std::string_view(object).substr(0, size)) return {};
  return Version{index_in(row->key), row->value};
}

std::optional<Queries::Impl::Version> Queries::Impl::newest_such(
    Table table, std::string object, const std::function<bool(std::string_view)>& wanted) const {
  const std::size_t size = object.size();
  append_version(object, instant);
  std::optional<Version> found;
  snapshot->scan(table, object, [&](Row row) {
    if (row.key.substr(0, size) != std::string_view(object).substr(0, size)) return false;
    if (!wanted(row.value)) return true;
    found = Version{index_in(row.key), row.value};
    return false;
  });
  return found;
}

LogIndex Queries::Impl::last_change(Noun noun) const {
  LogIndex index = 0;
  if (auto value = snapshot->get(Table::meta, noun_key(noun)); value && value->size() == sizeof index) {
    std::memcpy(&index, value->data(), sizeof index);
  }
  return std::max<LogIndex>(index, 1);
}

std::vector<std::uint32_t> Queries::Impl::children(Table table, std::uint32_t parent) const {
  std::vector<std::uint32_t> found;
  const std::string prefix = key_of(parent);
  snapshot->scan(table, prefix, [&](Row row) {
    if (row.key.substr(0, 4) != prefix) return false;
    found.push_back(number_in(row.key, 4));
    return true;
  });
  std::reverse(found.begin(), found.end());
  return found;
}

std::optional<JobNumber> Queries::Impl::job_number(std::string_view id) const {
  const auto row = snapshot->get(Table::job_ids, id);
  if (!row) return {};
  return JobEntry::decode(*row).number;
}

std::uint32_t Queries::Impl::count_of(Table versioned) const {
  const auto last = snapshot->at_or_before(versioned, std::string(12, '\xff'));
  return last ? number_in(last->key) + 1 : 0;
}

Queries::Queries(const TableStore& store, std::string_view cluster_id)
    : impl_(std::make_unique<Impl>(store, cluster_id)) {}
Queries::~Queries() = default;

LogIndex Queries::applied() const { return impl_->snapshot->applied(); }

LogIndex Queries::last_change(Noun noun) const { return impl_->last_change(noun); }

void Queries::as_of(LogIndex index) { impl_->instant = index; }

void Queries::events(LogIndex from, const std::function<bool(LogIndex, const std::vector<Happened>&)>& visit) const {
  std::vector<Happened> list;
  impl_->snapshot->scan(Table::events, index_key(from), [&](Row row) {
    list.clear();
    RowReader r(row.value);
    for (std::size_t left = row.value.size() / 10; left != 0; --left) {
      const auto kind = r.number<EventKind>();
      const auto command = static_cast<wire::Command>(r.number<std::uint8_t>());
      const auto number = r.number<std::uint32_t>();
      list.push_back({kind, command, number, r.number<std::uint32_t>()});
    }
    return visit(index_of_key(row.key), list);
  });
}

std::map<std::uint32_t, Queries::Refused> Queries::refusals(LogIndex index) const {
  std::map<std::uint32_t, Refused> found;
  const std::string prefix = index_key(index);
  impl_->snapshot->scan(Table::refusals, prefix, [&](Row row) {
    if (!row.key.starts_with(prefix)) return false;
    const RefusalRow r = RefusalRow::decode(row.value);
    found.emplace(number_in(row.key.substr(prefix.size())),
                  Refused{std::string(r.reason), r.first_index, r.refused_placements});
    return true;
  });
  return found;
}

std::optional<JobNumber> Queries::job_number(std::string_view id) const { return impl_->job_number(id); }

NodeNumber Queries::node_number(std::string_view uuid) const {
  const auto row = impl_->snapshot->get(Table::node_ids, uuid);
  return row ? NodeNumber{number_in(*row)} : NodeNumber{};
}

}  // namespace orch
