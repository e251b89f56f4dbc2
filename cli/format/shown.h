// Small conventions of what the commands print: ids, absent values, sections, complaints.
#pragma once

#include <string>

namespace orch::cli {

/// The first eight characters; all of them when `verbose`.
std::string shown_id(const std::string& id, bool verbose);

/// "<none>" for an empty text.
std::string or_none(const std::string& text);

void print_line(const std::string& text);

/// An empty line, then the title.
void print_section(const std::string& title);

/// A line on standard error; answers 1, the exit code that goes with it.
int complain(const std::string& message);

}  // namespace orch::cli
