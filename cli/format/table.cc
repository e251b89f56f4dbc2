#include "cli/format/table.h"

#include <algorithm>

#include "core/base/assert.h"

namespace orch::cli {

std::size_t width(const std::string& text) {
  std::size_t n = 0;
  bool escape = false;
  for (char c : text) {
    if (c == '\x1b') escape = true;
    if (!escape && (static_cast<unsigned char>(c) & 0xc0) != 0x80) ++n;
    if (escape && c == 'm') escape = false;
  }
  return n;
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    ORCH_ASSERT(row.size() <= rows.front().size(), "each cell stands under a name of the header");
    if (row.size() > widths.size()) widths.resize(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    if (&row != &rows.front()) out += '\n';
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - width(row[i]) + 2, ' ');
    }
  }
  return out;
}

std::string key_values(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::size_t widest = 0;
  for (const auto& [name, value] : pairs) widest = std::max(widest, width(name));
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '\n';
    out += name;
    out.append(widest - width(name), ' ');
    out += " = " + value;
  }
  return out;
}

}  // namespace orch::cli
