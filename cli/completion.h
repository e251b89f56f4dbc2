// Completion in a shell: bash's `complete -C orch orch` runs the program with the line in COMP_LINE, and takes each
// line of its output as a candidate. Commands and options are known here; ids come from the agent, if it answers at
// once.
#pragma once

#include <string_view>

namespace orch::cli {

/// Completes the line: everything up to the cursor, the program's name first. Answers the exit code.
int complete_line(std::string_view line);

}  // namespace orch::cli
