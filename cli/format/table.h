// Text that lines up: tables with a header, and lists of "Name = value".
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace orch::cli {

/// The first row is the header, none is longer; columns are as wide as their widest cell, two spaces apart, the last
/// one unpadded. The result has no line end after the last row.
std::string table(const std::vector<std::vector<std::string>>& rows);

/// "Name   = value" with the signs in one column.
std::string key_values(const std::vector<std::pair<std::string, std::string>>& pairs);

/// Columns on a terminal: UTF-8 sequences count once.
std::size_t width(const std::string& text);

}  // namespace orch::cli
