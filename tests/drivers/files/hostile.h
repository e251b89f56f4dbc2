// What a task can put where the agent expects a file of its own. Everything stands in a folder `inside`, beside which
// lies a file of the host that nobody may touch.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/drivers/node/temp_folder.h"

namespace orch::test {

class Hostile {
 public:
  static constexpr const char* shapes[] = {
      "link to a host file", "dangling link", "link to a device", "named pipe", "second name of a host file", "folder"};

  Hostile() {
    std::filesystem::create_directory(root());
    std::ofstream(host()) << "precious text of the host";
    ::chmod(host().c_str(), 0600);
  }
  std::string root() const { return folder_.path() + "/inside"; }
  std::string host() const { return folder_.path() + "/host"; }
  std::string nowhere() const { return folder_.path() + "/nowhere"; }

  /// False when it cannot be made.
  bool plant(const std::string& shape, const std::string& path) const {
    if (shape == "link to a host file") return ::symlink(host().c_str(), path.c_str()) == 0;
    if (shape == "dangling link") return ::symlink(nowhere().c_str(), path.c_str()) == 0;
    if (shape == "link to a device") return ::symlink("/dev/zero", path.c_str()) == 0;
    if (shape == "named pipe") return ::mkfifo(path.c_str(), 0666) == 0;
    if (shape == "second name of a host file") return ::link(host().c_str(), path.c_str()) == 0;
    return shape == "folder" && ::mkdir(path.c_str(), 0777) == 0 && (std::ofstream(path + "/inhabitant") << "x").good();
  }
  /// Nothing of the host's has changed: content, length, owner, mode.
  bool host_is_as_it_was() const {
    struct stat info {};
    return text(host()) == "precious text of the host" && ::stat(host().c_str(), &info) == 0 &&
           (info.st_mode & 0777) == 0600 && info.st_uid == ::geteuid() && !std::filesystem::exists(nowhere());
  }
  static std::string text(const std::string& path) {
    std::ifstream file(path);
    return std::string((std::istreambuf_iterator<char>(file)), {});
  }

 private:
  TempFolder folder_;
};

}  // namespace orch::test
