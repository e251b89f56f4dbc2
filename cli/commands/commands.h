// The commands, one function in a file of its own name each. Words are those after the command's name; the result is the
// exit code.
#pragma once

#include "cli/command.h"

namespace orch::cli {

int run_agent(const Words& words);
int run_replay(const Words& words);
int run_version(const Words& words);

}  // namespace orch::cli
