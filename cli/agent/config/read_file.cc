#include "cli/agent/config/read_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "cli/agent/config/block_reader.h"
#include "cli/agent/config/keys.h"
#include "core/jobspec/parse.h"

namespace orch::config {
namespace {

/// In the order of the file, not in that of our questions.
std::string in_order(Diagnostics found) {
  std::stable_sort(found.list.begin(), found.list.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
  });
  return found.text();
}

}  // namespace

std::expected<void, std::string> read_text(const std::string& text, const std::string& file, AgentOptions& options) {
  const auto items = syntax::parse(text, file);
  if (!items) return std::unexpected(Diagnostics{{items.error()}}.text());
  File reader(text, file);
  {
    Block top(reader, "", *items);
    read_agent(top, options);
  }
  if (reader.failed()) return std::unexpected(in_order(reader.take()));
  if (const std::string noted = in_order(reader.take_warnings()); !noted.empty()) {
    options.warnings += (options.warnings.empty() ? "" : "\n") + noted;
  }
  options.config_files.push_back(file);
  return {};
}

std::expected<void, std::string> read_path(const std::string& path, AgentOptions& options) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<std::string> files{path};
  if (fs::is_directory(path, error)) {
    files.clear();
    for (const auto& entry : fs::directory_iterator(path, error)) {
      const std::string name = entry.path().filename().string(), kind = entry.path().extension().string();
      if ((kind == ".hcl" || kind == ".json") && !name.starts_with('.') && entry.is_regular_file()) {
        files.push_back(entry.path().string());
      }
    }
    if (error) return std::unexpected("-config: cannot read the folder " + path + ": " + error.message());
    if (files.empty()) return std::unexpected("-config: the folder " + path + " holds no *.hcl or *.json file");
    std::sort(files.begin(), files.end());
  }
  for (const std::string& file : files) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return std::unexpected("-config: cannot read " + file + ": " + std::strerror(errno));
    const std::string text((std::istreambuf_iterator<char>(stream)), {});
    if (text.size() > largest_job_file) return std::unexpected("-config: " + file + " is larger than 4 MiB");
    if (auto read = read_text(text, file, options); !read) return read;
  }
  return {};
}

}  // namespace orch::config
