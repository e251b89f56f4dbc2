// Answers of the read API, as JSON text in Nomad's shapes, from one snapshot of the views.
//
// A Queries object is one consistent instant: open it per request, on any thread; it holds a read transaction while it
// lives. Each answer carries the index of the last change of what was asked (X-Nomad-Index, blocking queries wait on
// it). Lists come in Nomad's order (jobs by id; allocations and evaluations newest first where its CLI shows them so).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/numbers.h"
#include "core/log/log.h"
#include "core/reducer/event.h"
#include "projections/noun.h"
#include "projections/table_port.h"
#include "record_generated.h"

namespace orch {

struct Answer {
  std::string json;
  LogIndex index = 0;
};

class Queries {
 public:
  Queries(const TableStore& store, std::string_view cluster_id);
  ~Queries();

  LogIndex applied() const;

  /// Of any object of the kind; what a read that finds nothing is told, and waits for.
  LogIndex last_change(Noun noun) const;

  /// From now on single objects are answered as they were right after `index` (lists stay at the newest).
  void as_of(LogIndex index);

  /// What groups from `from` on did, in order, until `visit` answers false. Groups that changed nothing are left out.
  struct Happened {
    EventKind kind;
    wire::Command command;
    std::uint32_t number, count;
  };
  void events(LogIndex from, const std::function<bool(LogIndex, const std::vector<Happened>&)>& visit) const;

  /// Commands of the group at `index` that were refused, repeated or done in part, by their ordinal in it.
  struct Refused {
    std::string reason;  ///< empty: not refused as a whole
    LogIndex first_index;
    std::uint32_t refused_placements;
  };
  std::map<std::uint32_t, Refused> refusals(LogIndex index) const;

  Answer jobs(std::string_view prefix) const;                                       // GET /v1/jobs
  std::optional<Answer> job(std::string_view id) const;                             // /v1/job/:id
  std::optional<Answer> job_versions(std::string_view id) const;                    // /v1/job/:id/versions
  std::optional<Answer> job_summary(std::string_view id) const;
  Answer job_allocations(std::string_view id, bool all) const;                      // [] when there is no such job
  Answer job_evaluations(std::string_view id) const;
  Answer job_deployments(std::string_view id) const;
  Answer job_deployment(std::string_view id) const;                                 // newest, or null

  Answer nodes(std::string_view prefix) const;
  std::optional<Answer> node(std::string_view uuid) const;
  Answer node_allocations(std::string_view uuid) const;                             // whole objects, jobs included

  /// What the servers changed of a node's allocations after `since`; `index` is the newest change.
  struct NodeChanges {
    LogIndex index = 1;
    struct Change {
      std::uint32_t allocation;
      std::uint8_t desired;
      bool watched;  ///< a deployment waits for its health
    };
    std::vector<Change> changes;  ///< by allocation, none twice
  };
  NodeChanges node_changes(NodeNumber node, LogIndex since) const;

  Answer allocations(std::string_view prefix) const;                                // stubs
  std::optional<Answer> allocation(std::string_view uuid) const;
  Answer evaluations(std::string_view prefix) const;
  std::optional<Answer> evaluation(std::string_view uuid) const;
  Answer evaluation_allocations(std::string_view uuid) const;
  Answer deployments(std::string_view prefix) const;
  std::optional<Answer> deployment(std::string_view uuid) const;
  Answer deployment_allocations(std::string_view uuid) const;

  /// What the node's report at this instant changed of its services.
  struct ServiceChange {
    bool gone;
    std::string id, name, job, json;  // as it is, or was last
  };
  std::vector<ServiceChange> service_changes(NodeNumber node) const;

  Answer services() const;                                                          // /v1/services
  Answer service(std::string_view name) const;                                      // /v1/service/:name

  /// None when no such node ever registered, or no job has the id now.
  NodeNumber node_number(std::string_view uuid) const;
  std::optional<JobNumber> job_number(std::string_view id) const;

  /// Ids that begin with the prefix, at most `limit` a context, and whether there were more.
  struct Matches {
    std::vector<std::string> ids;
    bool truncated = false;
  };
  enum class Context { jobs, nodes, allocations, evaluations, deployments };
  Matches search(Context context, std::string_view prefix, std::size_t limit = 20) const;

  /// The whole object as of this snapshot, for event payloads; kind as in core/reducer/event.h.
  /// An allocation may leave out its job, which is most of it.
  std::string object(Context context, std::uint32_t number, bool with_job = true) const;
  std::string id_of(Context context, std::uint32_t number) const;

  /// Which job and deployment an object is of; none of either for jobs and nodes, and for what is not there.
  struct Belongs {
    JobNumber job;
    DeploymentNumber deployment;
  };
  Belongs belongs(Context context, std::uint32_t number) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orch
