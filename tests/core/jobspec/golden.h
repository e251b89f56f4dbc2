// Golden files of the job language: what stands in tests/golden/jobs is what must come out.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace orch::test {

namespace fs = std::filesystem;

inline std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(file, "cannot read ", path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Files of a golden folder whose names end in `ending`, sorted.
inline std::vector<fs::path> golden_files(const std::string& folder, const std::string& ending) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(ORCH_GOLDEN) / folder)) {
    if (entry.path().filename().string().ends_with(ending)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Compares with a golden file; with ORCH_UPDATE_GOLDEN set it is written instead, and the difference is git's to show.
inline void check_golden(const fs::path& path, const std::string& actual) {
  if (std::getenv("ORCH_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << actual;
    return;
  }
  INFO("golden file: " << path.string());
  CHECK(actual == content(path));
}

}  // namespace orch::test
