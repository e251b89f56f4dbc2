// What the query files share: the snapshot, the id codec and the ways to rows.
#pragma once

#include "core/base/id_codec.h"
#include "core/model/json_writer.h"
#include "projections/queries.h"
#include "projections/rows.h"

namespace orch {

struct Queries::Impl {
  std::unique_ptr<ReadSnapshot> snapshot;
  IdCodec ids;
  LogIndex instant = ~LogIndex{0};  // of single objects

  Impl(const TableStore& store, std::string_view cluster_id) : snapshot(store.snapshot()), ids(cluster_id) {}

  /// Newest version of an object's row, and its index.
  struct Version {
    LogIndex index;
    std::string_view value;
  };
  std::optional<Version> newest(Table table, std::uint32_t n) const { return newest(table, key_of(n)); }
  /// As above for an object whose key is more than its number.
  std::optional<Version> newest(Table table, std::string object) const;
  /// Newest version that satisfies `wanted`.
  std::optional<Version> newest_such(Table table, std::string object,
                                     const std::function<bool(std::string_view)>& wanted) const;

  /// Index of the last change of a list; 1 when it never changed, since a blocking query needs something to be above.
  LogIndex last_change(Noun noun) const;

  /// Are the services in the row of this key, a node's, shown?
  bool offers_services(std::uint32_t node) const;

  /// Numbers under a (parent, child) table, newest first.
  std::vector<std::uint32_t> children(Table table, std::uint32_t parent) const;

  /// Of all objects of a kind below `end` those whose ids begin with the prefix, newest first; about `most` of them.
  std::vector<std::uint32_t> numbers_with(IdKind kind, std::uint32_t end, std::string_view prefix,
                                          std::size_t most = ~std::size_t{0}) const;

  /// The newest list of services of each node that offers any.
  void each_catalogue(const std::function<void(std::string_view)>& visit) const;

  LogIndex created(JobNumber job) const;

  /// The job that has this id now, or, purged, had it last.
  std::optional<JobNumber> job_number(std::string_view id) const;

  // ---- allocations (query_allocations.cc) ----
  struct Allocation {
    std::uint32_t number;
    ChunkRow chunk;
    std::uint32_t column;  // its own in the chunk
    std::uint8_t desired = 0, client = 0, reason = 0, health = 0;
    std::uint16_t group;
    std::uint32_t version;
    EvaluationNumber evaluation;
    DeploymentNumber deployment;
    AllocationNumber previous, next;
    LogIndex alloc_modify_index, modify_index, health_index = 0;
    WallTime modify_time, health_time;
    std::string_view client_description, task_states;
    ColumnView<std::uint16_t> ports;  // in the order of its version; its own begin at first_port
    std::size_t first_port = 0;
    NodeNumber node() const { return {chunk.nodes[column]}; }
  };
  std::optional<Allocation> allocation(std::uint32_t n) const;
  std::uint32_t allocation_end() const;  ///< one past the greatest number
  std::uint32_t count_of(Table versioned) const;

  /// What several allocations of one answer share, so that it is read once.
  struct Cache {
    std::uint32_t job = JobNumber::none_value, version = 0;
    JobRow job_row;
    JobVersionRow version_row;
    std::uint16_t group = 0;
    ResourcesRow resources;  // of the version's group
    bool has_version = false, has_resources = false;
    std::string job_json;
    std::uint32_t node = NodeNumber::none_value;
    NodeRow node_row;
  };
  void load(Cache& cache, const Allocation& a) const;
  const ResourcesRow& resources_of(Cache& cache, const Allocation& a) const;
  /// The members that the list's entry and the whole object share.
  void append_entry_members(JsonWriter& json, Cache& cache, const Allocation& a) const;
  void append_whole(JsonWriter& json, Cache& cache, const Allocation& a, bool with_job = true) const;
  /// The failed allocations that this one and its predecessors replaced, the last five, the oldest first; or null.
  void append_reschedule_tracker(JsonWriter& json, const Allocation& a) const;
  /// `when_empty`: the index of a list without elements; it must not move by what others do.
  Answer list(const std::vector<std::uint32_t>& numbers, bool whole, bool server_side_index, LogIndex when_empty) const;
  std::vector<std::uint32_t> allocations_of_chunks(Table table, std::uint32_t parent) const;

  // ---- jobs ----
  void append_job(JsonWriter& json, const JobRow& job, const JobVersionRow& version, std::uint32_t number) const;
};

}  // namespace orch
