#include "core/reducer/snapshot.h"

#include "core/base/assert.h"
#include "core/base/checksum.h"
#include "core/model/tables.h"
#include "core/reducer/snapshot_columns.h"

namespace orch {
namespace {

// Who adds a member to one of these puts it into the description below, raises `snapshot_format`, and says so here.
static_assert(sizeof(AllocationState) == 56 && sizeof(GroupSummary) == 56 && sizeof(GroupMetrics) == 144 &&
                  sizeof(NamedCount) == 40 && sizeof(DeploymentGroup) == 72 && sizeof(DeploymentState) == 112 &&
                  sizeof(EvaluationState) == 168 && sizeof(NodeState) == 216 && sizeof(JobVersion) == 88 &&
                  sizeof(JobState) == 216 && sizeof(Receipt) == 64,
              "the snapshot describes every column of the state");

template <class Columns, class Rows>
void describe_counts(Columns& c, Rows& counts) {
  c.texts(counts, &NamedCount::name);
  c.column(counts, &NamedCount::count);
}

template <class Columns, class Rows>
void jobs(Columns& c, Rows& jobs) {
  c.count(jobs);
  c.names(jobs, &JobState::id);
  c.column(jobs, &JobState::create_index);
  c.column(jobs, &JobState::modify_index);
  c.column(jobs, &JobState::summary_index);
  c.column(jobs, &JobState::stopped);
  c.column(jobs, &JobState::purged);
  c.column(jobs, &JobState::status);
  c.column(jobs, &JobState::live);
  c.column(jobs, &JobState::deployment);
  c.column(jobs, &JobState::pending);
  c.column(jobs, &JobState::blocked);
  auto current = c.lists(jobs, &JobState::current);
  c.values(current);
  auto summary = c.lists(jobs, &JobState::summary);
  c.texts(summary, &GroupSummary::name);
  c.column(summary, &GroupSummary::queued);
  c.column(summary, &GroupSummary::starting);
  c.column(summary, &GroupSummary::running);
  c.column(summary, &GroupSummary::failed);
  c.column(summary, &GroupSummary::complete);
  c.column(summary, &GroupSummary::lost);
  auto versions = c.lists(jobs, &JobState::versions);
  c.column(versions, &JobVersion::version);
  c.column(versions, &JobVersion::stable);
  c.column(versions, &JobVersion::job_modify_index);
  c.column(versions, &JobVersion::submit_time);
  c.documents(versions, &JobVersion::job, encode_job, decode_job);
}

template <class Columns, class Rows>
void nodes(Columns& c, Rows& nodes) {
  c.count(nodes);
  c.documents(nodes, &NodeState::node, encode_node, decode_node);
  c.column(nodes, &NodeState::status);
  c.column(nodes, &NodeState::eligible);
  c.column(nodes, &NodeState::create_index);
  c.column(nodes, &NodeState::modify_index);
  c.column(nodes, &NodeState::registered_at);
  c.column(nodes, &NodeState::status_at);
  c.column(nodes, &NodeState::cpu);
  c.column(nodes, &NodeState::memory_mb);
  c.column(nodes, &NodeState::disk_mb);
  c.column(nodes, &NodeState::mbits);
  c.column(nodes, &NodeState::cpu_used);
  c.column(nodes, &NodeState::memory_used_mb);
  c.column(nodes, &NodeState::disk_used_mb);
  c.column(nodes, &NodeState::mbits_used);
  c.column(nodes, &NodeState::allocations_index);
  c.texts(nodes, &NodeState::secret_digest);
  auto ports = c.lists(nodes, &NodeState::ports);
  c.values(ports);
  auto allocations = c.lists(nodes, &NodeState::allocations);
  c.values(allocations);
}

template <class Columns, class Rows>
void allocations(Columns& c, Rows& all) {
  c.count(all);
  c.column(all, &AllocationState::job);
  c.column(all, &AllocationState::node);
  c.column(all, &AllocationState::evaluation);
  c.column(all, &AllocationState::deployment);
  c.column(all, &AllocationState::previous);
  c.column(all, &AllocationState::next);
  c.column(all, &AllocationState::job_version);
  c.column(all, &AllocationState::name);
  c.column(all, &AllocationState::ports_begin);
  c.column(all, &AllocationState::group);
  c.column(all, &AllocationState::summary);
  c.column(all, &AllocationState::score);
  c.column(all, &AllocationState::desired);
  c.column(all, &AllocationState::client);
  c.column(all, &AllocationState::health);
  c.column(all, &AllocationState::reschedule_due);
  c.column(all, &AllocationState::reason);
  c.column(all, &AllocationState::modify_index);
}

template <class Columns, class Rows>
void evaluations(Columns& c, Rows& all) {
  c.count(all);
  c.column(all, &EvaluationState::job);
  c.column(all, &EvaluationState::previous);
  c.column(all, &EvaluationState::next);
  c.column(all, &EvaluationState::blocked);
  c.column(all, &EvaluationState::deployment);
  c.column(all, &EvaluationState::node);
  c.column(all, &EvaluationState::trigger);
  c.column(all, &EvaluationState::status);
  c.column(all, &EvaluationState::priority);
  c.column(all, &EvaluationState::create_index);
  c.column(all, &EvaluationState::modify_index);
  c.column(all, &EvaluationState::state_index);
  c.column(all, &EvaluationState::job_modify_index);
  c.column(all, &EvaluationState::created_at);
  c.column(all, &EvaluationState::job_version);
  c.column(all, &EvaluationState::refused_plans);
  c.column(all, &EvaluationState::refused_decision);
  c.texts(all, &EvaluationState::description);
  auto queued = c.lists(all, &EvaluationState::queued);
  describe_counts(c, queued);
  auto failed = c.lists(all, &EvaluationState::failed);
  c.column(failed, &GroupMetrics::group);
  c.column(failed, &GroupMetrics::failed);
  c.column(failed, &GroupMetrics::nodes_evaluated);
  c.column(failed, &GroupMetrics::nodes_filtered);
  c.column(failed, &GroupMetrics::nodes_exhausted);
  for (auto list : {&GroupMetrics::nodes_available, &GroupMetrics::class_filtered, &GroupMetrics::constraint_filtered,
                    &GroupMetrics::class_exhausted, &GroupMetrics::dimension_exhausted}) {
    auto counts = c.lists(failed, list);
    describe_counts(c, counts);
  }
}

template <class Columns, class Rows>
void deployments(Columns& c, Rows& all) {
  c.count(all);
  c.column(all, &DeploymentState::job);
  c.column(all, &DeploymentState::job_version);
  c.column(all, &DeploymentState::job_create_index);
  c.column(all, &DeploymentState::job_modify_index);
  c.column(all, &DeploymentState::create_index);
  c.column(all, &DeploymentState::modify_index);
  c.column(all, &DeploymentState::status);
  c.column(all, &DeploymentState::watched);
  c.texts(all, &DeploymentState::description);
  auto groups = c.lists(all, &DeploymentState::groups);
  c.texts(groups, &DeploymentGroup::name);
  c.column(groups, &DeploymentGroup::desired);
  c.column(groups, &DeploymentGroup::placed);
  c.column(groups, &DeploymentGroup::healthy);
  c.column(groups, &DeploymentGroup::unhealthy);
  c.column(groups, &DeploymentGroup::progress_deadline);
  c.column(groups, &DeploymentGroup::require_progress_by);
  c.column(groups, &DeploymentGroup::require_progress_at);
}

/// The one description of a state's columns, for both directions: ColumnWriter with constant columns, ColumnReader with
/// ones to fill. The order of lines is the format.
template <class Columns, class Of>
  requires std::same_as<std::remove_const_t<Of>, StateColumns>
void describe(Columns& c, Of& s) {
  c.number(s.nodes_index);
  c.number(s.elapsed);
  c.number(s.wall);
  jobs(c, s.jobs);
  nodes(c, s.nodes);
  allocations(c, s.allocations);
  evaluations(c, s.evaluations);
  deployments(c, s.deployments);
  c.count(s.ports);
  c.values(s.ports);
}

template <class Columns>
void describe(Columns& c, std::vector<ReceiptRow>& rows) {
  c.count(rows);
  c.column(rows, &ReceiptRow::at);
  c.names(rows, &ReceiptRow::key);
  std::vector<Receipt*> answers;
  for (ReceiptRow& row : rows) answers.push_back(&row.receipt);
  c.column(answers, &Receipt::index);
  c.column(answers, &Receipt::job_modify_index);
  c.texts(answers, &Receipt::refusal);
  c.column(answers, &Receipt::evaluation);
  c.column(answers, &Receipt::request_digest);
}

using RescheduleRow = State::Reschedules::value_type;

template <class Columns>
void describe(Columns& c, std::vector<RescheduleRow>& rows) {
  c.count(rows);
  c.column(rows, &RescheduleRow::first);
  c.column(rows, &RescheduleRow::second);
}

std::unique_ptr<State> read_body(const SnapshotHeader& header, std::string_view body) {
  ColumnReader reader(body);
  StateColumns columns;
  std::vector<ReceiptRow> receipts;
  std::vector<RescheduleRow> reschedules;
  describe(reader, columns);
  describe(reader, receipts);
  describe(reader, reschedules);
  if (reader.failed || !reader.at_end()) return nullptr;
  return State::restore(header.log_id, header.index, header.rules, std::move(columns), std::move(receipts),
                        {reschedules.begin(), reschedules.end()});
}

}  // namespace

std::string write_snapshot(const State& state) {
  ColumnWriter writer;
  std::vector<ReceiptRow> receipts = state.receipts();
  std::vector<RescheduleRow> reschedules(state.reschedules().begin(), state.reschedules().end());
  describe(writer, state.columns());
  describe(writer, receipts);
  describe(writer, reschedules);
  const std::string body = writer.take();
  const SnapshotHeader header{.log_id = state.cluster_id(),
                              .index = state.index(),
                              .rules = state.rules(),
                              .hash = state.hash(),
                              .body_size = body.size(),
                              .body_checksum = checksum(body.data(), body.size())};
  return header.encode() + body;
}

std::expected<std::unique_ptr<State>, std::string> read_snapshot(std::string_view bytes) {
  const auto header = SnapshotHeader::decode(bytes);
  if (!header) return std::unexpected(header.error());
  const std::string_view body = bytes.substr(SnapshotHeader::size);
  if (body.size() != header->body_size) {
    return std::unexpected("it has " + std::to_string(body.size()) + " bytes of " + std::to_string(header->body_size));
  }
  if (checksum(body.data(), body.size()) != header->body_checksum)
    return std::unexpected("its checksum does not match: it is damaged");
  auto state = read_body(*header, body);
  if (state == nullptr) return std::unexpected("its columns do not fit together");
  if (state->hash() != header->hash) return std::unexpected("its state has another hash than it says");
  ORCH_ASSERT(state->index() == header->index, "a snapshot says where its state stands");
  return state;
}

}  // namespace orch
