// What is wrong with a job file, and where: for a person who has the file open.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace orch {

/// A position in a file; both count from 1. Line 0: none is known.
struct Position {
  int line = 0, column = 0;
};

struct Diagnostic {
  std::string file;
  Position at;
  std::string message;      ///< a sentence without its full stop
  std::string hint;         ///< what would be right; may be empty
  std::string source_line;  ///< as it stands in the file
  bool syntax = false;      ///< the text cannot be read at all, rather than says something wrong
};

struct Diagnostics {
  std::vector<Diagnostic> list;

  /// "FILE:LINE:COLUMN: message", the line with a caret under the position, and the hint, for each.
  std::string text() const;

  /// The same as Nomad begins it ("error parsing: At 3:3: …", "error parsing 'job': 1 error(s) occurred:…"), each
  /// message followed by its position, its line with a caret, and its hint, on lines that Nomad has not.
  std::string job_text() const;
};

/// The candidate that a misspelt word probably meant, or nothing. Restricted edit distance of at most a third of the
/// word, ties to the first.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace orch
