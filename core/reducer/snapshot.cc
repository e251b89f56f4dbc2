#include "core/reducer/snapshot.h"

#include <array>
#include <cstring>

#include "core/base/assert.h"
#include "core/base/checksum.h"
#include "core/model/document_codec.h"
#include "core/reducer/digest.h"
#include "core/reducer/fold.h"
#include "core/reducer/snapshot_columns.h"

namespace orch {
namespace {

constexpr char magic[9] = "ORCHSNAP";
constexpr std::size_t log_id_max = 64, checked = SnapshotHeader::size - sizeof(std::uint64_t);

// Who adds a member to one of these puts it into the description below, raises `snapshot_format`, and says so here.
static_assert(sizeof(AllocationState) == 56 && sizeof(GroupSummary) == 56 && sizeof(GroupMetrics) == 144 &&
                  sizeof(NamedCount) == 40 && sizeof(DeploymentGroup) == 72 && sizeof(DeploymentState) == 112 &&
                  sizeof(EvaluationState) == 160 && sizeof(NodeState) == 216 && sizeof(JobVersion) == 88 &&
                  sizeof(JobState) == 216 && sizeof(Receipt) == 64,
              "the snapshot describes every column of the state");

/// What the state keeps in maps and sets, as rows.
struct ReceiptRow {
  Elapsed at;
  std::string key;
  LogIndex index = 0, job_modify_index = 0;
  std::string refusal;
  EvaluationNumber evaluation;
  std::uint64_t request_digest = 0;
};
struct RescheduleRow {
  Elapsed at;
  AllocationNumber allocation;
};

template <class T>
void put(std::array<char, SnapshotHeader::size>& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}
template <class T>
T get(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <class Columns, class Rows>
void describe_counts(Columns& c, Rows& counts) {
  c.texts(counts, &NamedCount::name);
  c.column(counts, &NamedCount::count);
}

}  // namespace

/// The one description of a state's columns, for both directions, and what follows from them after reading.
class SnapshotReader {
 public:
  template <class Columns>
  static void describe(Columns& c, State& s) {
    c.number(s.nodes_index_);
    c.number(s.elapsed_);
    c.number(s.wall_);
    jobs(c, s.jobs_);
    nodes(c, s.nodes_);
    allocations(c, s.allocations_);
    evaluations(c, s.evaluations_);
    deployments(c, s.deployments_);
    c.count(s.ports_);
    c.values(s.ports_);
    waiting(c, s);
  }

  static std::expected<std::unique_ptr<State>, std::string> read(const SnapshotHeader& header, std::string_view body) {
    auto state = std::make_unique<State>(header.log_id);
    state->index_ = header.index;
    state->rules_ = header.rules;
    ColumnReader columns(body);
    describe(columns, *state);
    if (columns.failed || !columns.at_end() || !derive(*state))
      return std::unexpected("its columns do not fit together");
    return state;
  }

 private:
  template <class Columns>
  static void jobs(Columns& c, std::vector<JobState>& jobs) {
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

  template <class Columns>
  static void nodes(Columns& c, std::vector<NodeState>& nodes) {
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

  template <class Columns>
  static void allocations(Columns& c, std::vector<AllocationState>& all) {
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

  template <class Columns>
  static void evaluations(Columns& c, std::vector<EvaluationState>& all) {
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

  template <class Columns>
  static void deployments(Columns& c, std::vector<DeploymentState>& all) {
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

  // Receipts and what waits for its time.
  template <class Columns>
  static void waiting(Columns& c, State& s) {
    std::vector<ReceiptRow> receipts;
    std::vector<RescheduleRow> reschedules;
    if constexpr (!Columns::reading) {
      for (const auto& age : s.receipt_ages_) {
        const Receipt& r = s.receipts_.at(age.key);
        receipts.push_back({age.at, age.key, r.index, r.job_modify_index, r.refusal, r.evaluation, r.request_digest});
      }
      for (const auto& [at, allocation] : s.reschedules_) reschedules.push_back({at, allocation});
    }
    c.count(receipts);
    c.column(receipts, &ReceiptRow::at);
    c.names(receipts, &ReceiptRow::key);
    c.column(receipts, &ReceiptRow::index);
    c.column(receipts, &ReceiptRow::job_modify_index);
    c.texts(receipts, &ReceiptRow::refusal);
    c.column(receipts, &ReceiptRow::evaluation);
    c.column(receipts, &ReceiptRow::request_digest);
    c.count(reschedules);
    c.column(reschedules, &RescheduleRow::at);
    c.column(reschedules, &RescheduleRow::allocation);
    if constexpr (Columns::reading) {
      for (ReceiptRow& r : receipts) {
        s.receipt_ages_.push_back({r.at, r.key});
        s.receipts_[std::move(r.key)] = {r.index, std::move(r.refusal), r.evaluation, r.job_modify_index,
                                         r.request_digest};
      }
      for (const RescheduleRow& r : reschedules) s.reschedules_.insert({r.at, r.allocation});
    }
  }

  // What the columns imply: shapes, indexes, and the hash. False when they contradict each other.
  static bool derive(State& s) {
    for (std::uint32_t i = 0; i < s.jobs_.size(); ++i) {
      JobState& job = s.jobs_[i];
      if (job.versions.empty()) return false;
      const std::size_t groups = job.summary.size();
      for (JobVersion& version : job.versions) {
        for (const TaskGroup& group : version.job->task_groups) {
          version.shapes.push_back(shape_of(group));
          version.summary_positions.push_back(job.summary_position(group.name));
        }
      }
      if (job.summary.size() != groups) return false;
      job.id_digest = digest_text(job.id);
      if (!job.purged) s.job_by_id_[job.id] = JobNumber{i};
      s.objects_hash_ += digest(JobNumber{i}, job);
    }
    for (std::uint32_t i = 0; i < s.nodes_.size(); ++i) {
      s.nodes_[i].id_digest = digest_text(s.nodes_[i].node->id);
      s.node_by_id_[s.nodes_[i].node->id] = NodeNumber{i};
      s.objects_hash_ += digest(NodeNumber{i}, s.nodes_[i]);
    }
    for (std::uint32_t i = 0; i < s.allocations_.size(); ++i) {
      s.objects_hash_ += digest(AllocationNumber{i}, s.allocations_[i]);
    }
    for (std::uint32_t i = 0; i < s.evaluations_.size(); ++i) {
      const EvaluationState& e = s.evaluations_[i];
      if (e.status == EvaluationStatus::pending) s.pending_.insert({e.priority, EvaluationNumber{i}});
      if (e.status == EvaluationStatus::blocked) s.blocked_.insert(EvaluationNumber{i});
      s.objects_hash_ += digest(EvaluationNumber{i}, e);
    }
    for (std::uint32_t i = 0; i < s.deployments_.size(); ++i) {
      const DeploymentState& d = s.deployments_[i];
      if (d.watched != Elapsed::never()) s.progress_deadlines_.insert({d.watched, DeploymentNumber{i}});
      s.objects_hash_ += digest(DeploymentNumber{i}, d);
    }
    for (const auto& age : s.receipt_ages_) s.objects_hash_ += digest(age.key, s.receipts_.at(age.key));
    return s.receipts_.size() == s.receipt_ages_.size();
  }
};

std::string SnapshotHeader::encode() const {
  ORCH_ASSERT(log_id.size() <= log_id_max, "a log's id fits into a snapshot's header");
  std::array<char, size> bytes{};
  std::memcpy(bytes.data(), magic, 8);
  put(bytes, 8, snapshot_format);
  put(bytes, 12, rules);
  put(bytes, 14, static_cast<std::uint16_t>(log_id.size()));
  put(bytes, 16, index);
  put(bytes, 24, hash);
  put(bytes, 32, body_size);
  put(bytes, 40, body_checksum);
  std::memcpy(bytes.data() + 48, log_id.data(), log_id.size());
  put(bytes, checked, checksum(bytes.data(), checked));
  return {bytes.data(), bytes.size()};
}

std::expected<SnapshotHeader, std::string> SnapshotHeader::decode(std::string_view bytes) {
  if (bytes.size() < size || bytes.substr(0, 8) != std::string_view(magic, 8))
    return std::unexpected("it is no snapshot");
  if (get<std::uint64_t>(bytes, checked) != checksum(bytes.data(), checked))
    return std::unexpected("its header is damaged");
  const auto format = get<std::uint32_t>(bytes, 8);
  if (format != snapshot_format) {
    return std::unexpected("it has format " + std::to_string(format) + ", and this build reads " +
                           std::to_string(snapshot_format));
  }
  SnapshotHeader header{.log_id = {},
                        .index = get<LogIndex>(bytes, 16),
                        .rules = get<std::uint16_t>(bytes, 12),
                        .hash = get<std::uint64_t>(bytes, 24),
                        .body_size = get<std::uint64_t>(bytes, 32),
                        .body_checksum = get<std::uint64_t>(bytes, 40)};
  const auto length = get<std::uint16_t>(bytes, 14);
  if (length > log_id_max) return std::unexpected("its header is damaged");
  header.log_id = bytes.substr(48, length);
  if (header.rules > newest_rules) {
    return std::unexpected("it was made under rules " + std::to_string(header.rules) +
                           ", and this build knows rules up to " + std::to_string(newest_rules));
  }
  return header;
}

std::string write_snapshot(const State& state) {
  ColumnWriter columns;
  SnapshotReader::describe(columns, const_cast<State&>(state));  // a writer changes nothing
  const std::string body = columns.take();
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
  auto state = SnapshotReader::read(*header, body);
  if (state && (*state)->hash() != header->hash) return std::unexpected("its state has another hash than it says");
  return state;
}

}  // namespace orch
