#include "projections/lmdb/store_stamp.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>

namespace orch {
namespace {

std::string path_of(const std::string& folder) { return folder + "/stamp"; }

}  // namespace

std::optional<StoreStamp> read_stamp(const std::string& folder) {
  std::ifstream file(path_of(folder));
  StoreStamp stamp;
  if (!(file >> stamp.format >> stamp.log_id >> stamp.boot_id >> stamp.file_bytes)) return {};
  return stamp;
}

int write_stamp(const std::string& folder, const StoreStamp& stamp) {
  const std::string text =
      stamp.format + "\n" + stamp.log_id + "\n" + stamp.boot_id + "\n" + std::to_string(stamp.file_bytes) + "\n";
  const std::string path = path_of(folder), fresh = path + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return errno;
  int problem = 0;
  const ssize_t wrote = ::write(file, text.data(), text.size());
  if (wrote != static_cast<ssize_t>(text.size())) problem = wrote < 0 ? errno : ENOSPC;
  if (problem == 0 && ::fsync(file) != 0) problem = errno;
  ::close(file);
  if (problem == 0 && std::rename(fresh.c_str(), path.c_str()) != 0) problem = errno;
  if (problem != 0) return problem;
  const int parent = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (parent < 0) return errno;
  if (::fsync(parent) != 0) problem = errno;
  ::close(parent);
  return problem;
}

void remove_stamp(const std::string& folder) { ::unlink(path_of(folder).c_str()); }

}  // namespace orch
