#include "core/jobspec/diagnostic.h"

#include <algorithm>

namespace orch {
namespace {

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> two(b.size() + 1), one(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) one[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({one[j] + 1, row[j - 1] + 1, one[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], two[j - 2] + 1);
    }
    two.swap(one);
    one.swap(row);
  }
  return one[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > 64) return {};
  std::size_t best = std::max<std::size_t>(2, word.size() / 3) + 1;
  std::string found;
  for (const std::string& candidate : candidates) {
    const std::size_t d = distance(word, candidate);
    if (d < best && d < candidate.size()) {
      best = d;
      found = candidate;
    }
  }
  return found;
}

std::string Diagnostics::text() const {
  std::string out;
  for (const Diagnostic& d : list) {
    if (!out.empty()) out += '\n';
    out += d.file;
    if (d.at.line != 0) out += ":" + std::to_string(d.at.line) + ":" + std::to_string(d.at.column);
    out += ": " + d.message;
    // A place far to the right (a file of one line) is found by its column, not by a caret.
    if (d.at.line != 0 && !d.source_line.empty() && static_cast<std::size_t>(d.at.column) <= d.source_line.size() + 1) {
      out += "\n  " + d.source_line + "\n  ";
      for (std::size_t i = 0; i + 1 < static_cast<std::size_t>(d.at.column); ++i) {
        const char c = d.source_line[i];
        const bool continues = (static_cast<unsigned char>(c) & 0xc0) == 0x80;
        if (!continues) out += c == '\t' ? '\t' : ' ';
      }
      out += '^';
    }
    if (!d.hint.empty()) out += "\n  " + d.hint;
  }
  return out;
}

}  // namespace orch
