#include "drivers/snapshots/snapshot_folder.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "projections/files/durable_file.h"

namespace orch {
namespace {

constexpr char suffix[] = ".snapshot";
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
  const std::string path = folder_ + "/" + name_of(index);
  const auto failed = [&](const std::error_code& why) {
    return std::unexpected("write the snapshot " + path + ": " + why.message());
  };
  if (error) return failed(error);
  if (auto written = write_file_durably(path, snapshot); !written) return failed(written.error());
  remove_old();
  return {};
}

void SnapshotFolder::remove_old() const {
  const std::vector<std::string> files = files_in(folder_);
  for (std::size_t i = kept; i < files.size(); ++i) ::unlink(files[i].c_str());
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator(folder_, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    if (it->path().extension() == unfinished_suffix) ::unlink(it->path().c_str());  // of a killed agent
  }
}

}  // namespace orch
