#include "core/jobspec/diagnostic.h"

#include <algorithm>

#include "core/base/assert.h"

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

namespace {

// A position far to the right (in a file of one line) is found by its column instead.
bool has_caret(const Diagnostic& d) {
  return d.at.line != 0 && !d.source_line.empty() && static_cast<std::size_t>(d.at.column) <= d.source_line.size() + 1;
}

// The columns before a position, as they have to stand under its line: a character of several bytes is one column.
std::string caret_line(const Diagnostic& d) {
  ORCH_ASSERT(has_caret(d), "a caret stands under its line");
  std::string out;
  for (std::size_t i = 0; i + 1 < static_cast<std::size_t>(d.at.column); ++i) {
    const char c = d.source_line[i];
    const bool continues = (static_cast<unsigned char>(c) & 0xc0) == 0x80;
    if (!continues) out += c == '\t' ? '\t' : ' ';
  }
  return out + '^';
}

std::string position_text(const Diagnostic& d) {
  return d.file + ":" + std::to_string(d.at.line) + ":" + std::to_string(d.at.column);
}

// What Nomad's text has not.
std::string more(const Diagnostic& d) {
  std::string out;
  if (d.at.line != 0) out += "\n  at " + position_text(d);
  if (has_caret(d)) {
    const std::string number = std::to_string(d.at.line);
    out += "\n  " + number + " | " + d.source_line + "\n  " + std::string(number.size(), ' ') + " | " + caret_line(d);
  }
  if (!d.hint.empty()) out += "\n  hint: " + d.hint;
  return out;
}

}  // namespace

std::string Diagnostics::text() const {
  std::string out;
  for (const Diagnostic& d : list) {
    if (!out.empty()) out += '\n';
    out += (d.at.line != 0 ? position_text(d) : d.file) + ": " + d.message;
    if (has_caret(d)) out += "\n  " + d.source_line + "\n  " + caret_line(d);
    if (!d.hint.empty()) out += "\n  " + d.hint;
  }
  return out;
}

std::string Diagnostics::job_text() const {
  if (list.empty()) return {};
  const Diagnostic& first = list[0];
  if (first.syntax) {
    // Nomad names the position but for this one message.
    const bool placed = first.at.line != 0 && !first.message.starts_with("key '");
    const std::string at =
        placed ? "At " + std::to_string(first.at.line) + ":" + std::to_string(first.at.column) + ": " : "";
    return "error parsing: " + at + first.message + more(first);
  }
  if (list.size() == 1 && first.message.find("invalid key: ") == std::string::npos) {
    return "error parsing 'job': " + first.message + more(first);
  }
  std::string out = "error parsing 'job': " + std::to_string(list.size()) + " error(s) occurred:\n";
  for (const Diagnostic& d : list) out += "\n* " + d.message + more(d);
  return out;
}

}  // namespace orch
