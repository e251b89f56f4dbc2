// A folder that lives as long as its object.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace orch::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "orch-views-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path); }

  std::string path;
};

}  // namespace orch::test
