// Completion in a shell: bash's `complete -C orch orch` runs the program with the line in COMP_LINE, and takes each
// line of its output as a candidate. Commands and options are known here; ids come from the agent, if it answers at
// once.
#pragma once

#include <string>
#include <string_view>

#include "cli/command_line.h"

namespace orch::cli {

/// Whether this run of the program only completes a line.
bool is_completing();

/// Completes the line: everything up to the cursor, the program's name first.
int complete_line(std::string_view line);

/// Prints candidates for an argument; for CommandLine.
void offer(Offer what, const std::string& prefix);

}  // namespace orch::cli
