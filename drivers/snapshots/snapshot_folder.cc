#include "drivers/snapshots/snapshot_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace orch {
namespace {

constexpr char suffix[] = ".snapshot", unfinished[] = ".unfinished";
constexpr std::size_t kept = 2;

// Names sort as their indexes do.
std::string name_of(LogIndex index) {
  char name[32];
  std::snprintf(name, sizeof name, "%020llu%s", static_cast<unsigned long long>(index), suffix);
  return name;
}

// Paths of the snapshots, newest first.
std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator(folder, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    if (it->path().extension() == suffix) files.push_back(it->path().string());
  }
  std::sort(files.rbegin(), files.rend());
  return files;
}

std::string content_of(const std::string& path, std::size_t most) {
  std::string content;
  std::ifstream file(path, std::ios::binary);
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (!file || error) return content;
  content.resize(std::min<std::size_t>(size, most));
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return content;
}

// Empty, or what went wrong.
std::string write_durably(const std::string& path, const std::string& content) {
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return std::strerror(errno);
  std::string problem;
  for (std::size_t at = 0; at < content.size() && problem.empty();) {
    const ssize_t wrote = ::write(file, content.data() + at, content.size() - at);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) problem = std::strerror(wrote < 0 ? errno : ENOSPC);
    if (wrote > 0) at += static_cast<std::size_t>(wrote);
  }
  if (problem.empty() && ::fsync(file) != 0) problem = std::strerror(errno);
  if (::close(file) != 0 && problem.empty()) problem = std::strerror(errno);
  return problem;
}

}  // namespace

SnapshotFolder::SnapshotFolder(std::string folder, Complaint complaint)
    : folder_(std::move(folder)), complaint_(std::move(complaint)) {}

void SnapshotFolder::complain(const std::string& path, const std::string& why) const {
  if (complaint_) complaint_("the snapshot " + path + " is passed over: " + why);
}

std::vector<SnapshotFolder::Found> SnapshotFolder::list(const std::string& log_id) const {
  std::vector<Found> found;
  for (const std::string& path : files_in(folder_)) {
    auto header = SnapshotHeader::decode(content_of(path, SnapshotHeader::size));
    if (!header) {
      complain(path, header.error());
    } else if (header->log_id != log_id) {
      complain(path, "it is of another log");
    } else {
      found.push_back({path, std::move(*header)});
    }
  }
  return found;
}

std::unique_ptr<State> SnapshotFolder::newest(const std::string& log_id, LogIndex most) const {
  for (const Found& found : list(log_id)) {
    if (found.header.index > most) continue;
    auto state = read_snapshot(content_of(found.path, ~std::size_t{0}));
    if (state) return std::move(*state);
    complain(found.path, state.error());
  }
  return nullptr;
}

std::expected<void, std::string> SnapshotFolder::save(LogIndex index, const std::string& snapshot) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  const std::string path = folder_ + "/" + name_of(index), beside = path + unfinished;
  std::string problem = error ? error.message() : write_durably(beside, snapshot);
  if (problem.empty() && ::rename(beside.c_str(), path.c_str()) != 0) problem = std::strerror(errno);
  if (!problem.empty()) {
    ::unlink(beside.c_str());
    return std::unexpected("write the snapshot " + path + ": " + problem);
  }
  // The name is durable once the folder is; until then an older snapshot serves as well.
  if (const int folder = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  remove_old();
  return {};
}

void SnapshotFolder::remove_old() const {
  const std::vector<std::string> files = files_in(folder_);
  for (std::size_t i = kept; i < files.size(); ++i) ::unlink(files[i].c_str());
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator(folder_, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    if (it->path().extension() == unfinished) ::unlink(it->path().c_str());  // of a killed agent
  }
}

}  // namespace orch
