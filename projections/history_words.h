// What a record's command says, in a few words for a person: `orch history` is made of them.
//
// Pure functions over the command and the ids and names that the views know. A command's words never depend on what
// came of it; `verdict` says that.
#pragma once

#include <string>

#include "projections/queries.h"

namespace orch {

/// "register job example", "plan for job example: 1 placed".
std::string words_of(const Queries& queries, wire::Command type, const void* command);

/// Who or what made it: the request, the evaluation of a plan, a deadline.
std::string cause_of(const Queries& queries, wire::Command type, const void* command, const wire::Group& group);

/// What is said behind the words where the command did not do what they say; empty where it did.
std::string verdict(const Queries::Refused* refused, bool had_effect);

/// Whether a command of the group speaks of an object by its id (or the beginning of it), which is all that a refused
/// command leaves.
bool any_names(const Queries& queries, const wire::Group& group, const std::string& id);

}  // namespace orch
