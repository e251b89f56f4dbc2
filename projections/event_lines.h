// One record group as a line of the event stream, in Nomad's format.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "projections/queries.h"

namespace orch {

inline constexpr const char* event_topics[] = {"Job", "Evaluation", "Allocation", "Deployment", "Node", "Service"};

/// What a reader asked for: topic → keys; "*" stands for all of either. A key is that of an event or one of its filter
/// keys (its job, its deployment, the name of its service).
using TopicFilter = std::map<std::string, std::set<std::string>>;

/// `{"Index":…,"Events":[…]}` and a line feed; empty when the reader wants none of the group's events. Objects are told
/// as they were right after the group: `queries` is left there.
std::string event_line(Queries& queries, LogIndex index, const std::vector<Queries::Happened>& happened,
                       const TopicFilter& filter);

}  // namespace orch
