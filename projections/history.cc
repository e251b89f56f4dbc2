#include "projections/history.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/time_text.h"
#include "core/log/record.h"
#include "core/model/json_writer.h"
#include "projections/history_words.h"

namespace orch {
namespace {

void append_line(std::string& out, const Queries& queries, LogIndex index, const wire::Group& group, bool had_effect) {
  const auto refusals = queries.refusals(index);
  for (std::uint32_t i = 0; i < command_count(group); ++i) {
    const auto [type, command] = command_in(group, i);
    std::string what = words_of(queries, type, command);
    const bool needs_effect = type != wire::Command::Tick && type != wire::Command::RaiseRules;
    const auto refused = refusals.find(i);
    what += verdict(refused != refusals.end() ? &refused->second : nullptr, had_effect || !needs_effect);
    const auto text_of = [](const flatbuffers::String* s) {
      return s != nullptr ? s->string_view() : std::string_view();
    };
    JsonWriter json(out);
    json.object().member("Index", index).member("Ordinal", i);
    json.member("Time", rfc3339({group.stamp()->wall_ns()})).member("Elapsed", group.stamp()->elapsed_ns());
    json.member("Who", text_of(group.actor())).member("Address", text_of(group.address()));
    json.member("What", what).member("Cause", cause_of(queries, type, command, group)).end();
    out += '\n';
  }
}

Queries::Context context_of(EventKind kind) {
  switch (kind) {
    case EventKind::job_registered:
    case EventKind::job_deregistered:
    case EventKind::job_changed:
      return Queries::Context::jobs;
    case EventKind::node_registered:
    case EventKind::node_changed:
    case EventKind::services_changed:
      return Queries::Context::nodes;
    case EventKind::evaluation_changed:
      return Queries::Context::evaluations;
    case EventKind::deployment_changed:
      return Queries::Context::deployments;
    default:
      return Queries::Context::allocations;
  }
}

/// Which groups did something, and which of them to the object that is asked for; for a job, also to its evaluations,
/// deployments and allocations.
struct Effects {
  std::set<LogIndex> any, touched;
};

Effects effects(const Queries& queries, const std::string& id) {
  Effects found;
  std::map<std::pair<Queries::Context, std::uint32_t>, bool> known;  // an object is looked at once
  auto is_meant = [&](Queries::Context context, std::uint32_t n) {
    const auto [at, fresh] = known.try_emplace({context, n}, false);
    if (!fresh) return at->second;
    at->second = queries.id_of(context, n).starts_with(id);
    if (const JobNumber job = queries.belongs(context, n).job; !at->second && job) {
      at->second = queries.id_of(Queries::Context::jobs, job.value) == id;
    }
    return at->second;
  };
  queries.events(1, [&](LogIndex index, const std::vector<Queries::Happened>& happened) {
    found.any.insert(found.any.end(), index);
    bool touched = false;
    for (std::size_t k = 0; k < happened.size() && !id.empty() && !touched; ++k) {
      const Queries::Happened& h = happened[k];
      for (std::uint32_t i = 0; i < h.count && !touched; ++i) touched = is_meant(context_of(h.kind), h.number + i);
    }
    if (touched) found.touched.insert(found.touched.end(), index);
    return true;
  });
  return found;
}

// Whether a record before `end` is of the object. What a refused command names is in the log only.
bool touched_before(const Log& log, const Queries& queries, const Effects& found, const std::string& id, LogIndex end) {
  bool touched = !found.touched.empty() && *found.touched.begin() < end;
  if (touched) return true;
  static_cast<void>(log.read(1, [&](LogIndex index, Bytes bytes) {
    if (index < end && !found.any.contains(index)) touched = any_names(queries, group_in(bytes), id);
    return index < end && !touched;
  }));
  return touched;
}

}  // namespace

std::expected<std::optional<std::string>, LogError> history_lines(const Queries& queries, const Log& log,
                                                                  const std::string& id, LogIndex from) {
  const Effects found = effects(queries, id);
  const LogIndex applied = queries.applied();
  constexpr std::size_t most = 64u << 20;
  std::string out;
  const auto read = log.read(std::max<LogIndex>(from, 1), [&](LogIndex index, Bytes bytes) {
    if (index > applied || out.size() > most) return false;
    const wire::Group& group = group_in(bytes);
    const bool had_effect = found.any.contains(index);
    const bool wanted = id.empty() || (had_effect ? found.touched.contains(index) : any_names(queries, group, id));
    if (wanted) append_line(out, queries, index, group, had_effect);
    return true;
  });
  if (!read) return std::unexpected(read.error());
  // Who goes on from where a reading ended gets nothing, as long as nothing more has happened.
  if (out.empty() && !id.empty() && !touched_before(log, queries, found, id, std::min(from, applied + 1))) {
    return std::optional<std::string>();
  }
  return out;
}

}  // namespace orch
