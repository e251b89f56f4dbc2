// The services of one node, as the catalogue keeps them: what the node told, with the indexes of their changes.
#pragma once

#include <string>
#include <string_view>

#include "core/log/log.h"

namespace orch {

/// The node's new list as a row. A service that was there before keeps its CreateIndex, one that is told unchanged its
/// ModifyIndex. `before` is the node's earlier row, or empty.
std::string catalogue_row(std::string_view before, std::string_view told, LogIndex index);

}  // namespace orch
