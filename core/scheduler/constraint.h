// One constraint against one node: operators of Nomad 0.8 and the targets that they read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/model/job.h"
#include "core/model/node.h"

namespace orch {

/// The value of "${attr.x}", "${meta.x}", "${node.class}", … on a node; a text without ${} is itself. Nothing when the
/// node has no such property.
std::optional<std::string> resolve_target(std::string_view target, const Node& node);

/// Whether the node meets the constraint. distinct_hosts and distinct_property are about other allocations and are met
/// by every node here. Two texts are compared as `operand` says; a pattern or version that can't be read meets nothing.
bool meets(const Constraint& constraint, const Node& node);

/// "1.2.3 satisfies >= 1.0, < 2": comma-separated comparisons (=, !=, >, >=, <, <=, ~>) of dotted numbers; a
/// pre-release ("-beta") comes before its release.
bool version_satisfies(std::string_view version, std::string_view requirement);

/// As Nomad words it in metrics: "${attr.kernel.name} = windows".
std::string text(const Constraint& constraint);

}  // namespace orch
