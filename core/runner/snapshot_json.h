// An allocation's snapshot as JSON: what the node client keeps in its state store.
//
// Written by the field tables of the snapshot structs, defaults left out; words of closed sets are numbers. Reading
// takes any text: what does not fit is an error that names the field, so that a store from elsewhere can't start
// nonsense.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "core/runner/alloc_runner.h"

namespace orch {

std::string snapshot_to_json(const AllocSnapshot& snapshot);
std::expected<AllocSnapshot, std::string> snapshot_from_json(std::string_view text);

}  // namespace orch
