// What each noun's events make of the rows: one class a noun, one file each (fold_jobs.cc, fold_nodes.cc, …), called by
// the switch in views.cc.
//
// All of it runs on the loop's thread, right after a group was applied, when the state is as the group left it. A fold
// writes into a Changes and keeps nothing but what saves work: what was written for this index already, what is better
// written once a flush (a job's list entry, what changed for a node), and what the next change is compared with. All
// of that can be thrown away at any time, and comes back from the tables.
//
// Always so: a row's key names the index of the group that made it (or, of rows written once a flush, of the last
// group of the flush); a row is never written for an index that the store holds already (asserted in views.cc).
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/assert.h"
#include "core/base/id_codec.h"
#include "core/log/record.h"
#include "core/reducer/apply.h"
#include "core/reducer/event.h"
#include "core/reducer/state.h"
#include "projections/change_set.h"
#include "projections/node_events.h"
#include "projections/noun.h"
#include "projections/row_codec.h"
#include "projections/table_port.h"

namespace orch {

/// The group that is being folded.
struct FoldedGroup {
  const State& state;  ///< right after it
  LogIndex index;
  WallTime wall;
  const wire::Group& group;
  const IdCodec& ids;

  /// The command that an event came of.
  template <class Command>
  const Command& command_of(const Event& event) const {
    ORCH_ASSERT(event.command < command_count(group), "an event names a command of its group");
    const CommandIn command = command_in(group, event.command);
    ORCH_ASSERT(command.type == wire::CommandTraits<Command>::enum_value, "an event comes of a command of its kind");
    return *static_cast<const Command*>(command.table);
  }
  wire::Command type_of(const Event& event) const {
    return event.command < command_count(group) ? command_in(group, event.command).type : wire::Command::NONE;
  }
};

/// Where folds write: the rows of the next flush, and which lists they change.
class Changes {
 public:
  void put(Table table, std::string_view key, std::string_view value) { rows.put(table, key, value); }
  void touch(Noun noun, LogIndex index) { last_change[static_cast<std::size_t>(noun)] = index; }

  ChangeSet rows;
  std::array<LogIndex, noun_count> last_change{};
  RowWriter row;  ///< of the moment, so that each row need not allocate
};

/// Which index a dense column of objects was written for last: a group that touches one object often writes it once.
class Written {
 public:
  bool first_time(std::uint32_t n, LogIndex index) {
    if (n >= last_.size()) last_.resize(n + n / 2 + 16);
    ORCH_ASSERT(last_[n] <= index, "groups are folded in the order of the log");
    if (last_[n] == index) return false;
    last_[n] = index;
    return true;
  }

 private:
  std::vector<LogIndex> last_;
};

class JobFold {
 public:
  void registered(const FoldedGroup& group, JobNumber n, Changes& out);  ///< or deregistered: a stop is a version too
  void changed(const FoldedGroup& group, JobNumber n, Changes& out);
  void flush(const State& state, Changes& out);

 private:
  Written written_;
  std::vector<JobNumber> listed_anew_;  // whose list entry is written at the flush
  // Since the last flush. A version never changes, and its JSON is the most of a registration's work, so it waits until
  // whoever asked has their answer.
  struct NewVersion {
    JobNumber job;
    JobVersion version;
    bool stop;
  };
  std::vector<NewVersion> new_versions_;
};

class NodeFold {
 public:
  explicit NodeFold(const TableStore& store) : store_(store) {}
  void changed(const FoldedGroup& group, NodeNumber n, Changes& out);

 private:
  NodeEvents& events_of(NodeNumber n);

  const TableStore& store_;
  Written written_;
  std::map<std::uint32_t, NodeEvents> events_;  // from the tables when first needed
};

class ServiceFold {
 public:
  explicit ServiceFold(const TableStore& store) : store_(store) {}
  void changed(const FoldedGroup& group, const Event& event, Changes& out);

 private:
  std::string& services_of(NodeNumber n);

  const TableStore& store_;
  std::map<std::uint32_t, std::string> services_;  // rows of nodes, from the tables when first needed
};

class EvaluationFold {
 public:
  void changed(const FoldedGroup& group, EvaluationNumber n, Changes& out);

 private:
  Written written_;
};

class DeploymentFold {
 public:
  void changed(const FoldedGroup& group, DeploymentNumber n, Changes& out);

 private:
  Written written_;
};

class AllocationFold {
 public:
  void placed(const FoldedGroup& group, const Event& event, Changes& out);
  void desired(const FoldedGroup& group, AllocationNumber n, Changes& out);  ///< the cluster has changed its mind
  void reported(const FoldedGroup& group, const Event& event, Changes& out);
  void health_set(const FoldedGroup& group, AllocationNumber n, Changes& out);
  /// What changed for each node, as of the last group that was folded.
  void flush(const State& state, LogIndex folded, Changes& out);

 private:
  std::map<std::uint32_t, std::vector<std::uint32_t>> on_nodes_;  // what the servers changed since the last flush
};

/// What the group did, for the history and the event stream, and which of its commands did not do all that they say.
void fold_record(const FoldedGroup& group, const Outcome& outcome, Changes& out);

}  // namespace orch
