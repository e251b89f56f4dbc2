#include "drivers/node/log_rotator.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "core/base/guard.h"
#include "drivers/files/folder.h"
#include "drivers/files/output_file.h"

namespace orch::client {
namespace {

constexpr std::uint64_t block = 4096;

using files::Folder;

/// Beyond it a number is no number of ours, or the next one could not be counted.
constexpr std::uint64_t most_number = 1'000'000'000'000;

std::string file_name(const std::string& stem, std::uint64_t number) { return stem + "." + std::to_string(number); }

/// The folder of a stream's files, and what their names begin with.
struct Place {
  files::Result<Folder> folder;
  std::string name;
};

Place place_of(const std::string& root, const std::string& stem) {
  const std::size_t slash = stem.rfind('/');
  auto top = Folder::at(root);
  if (!top || slash == std::string::npos) return {std::move(top), stem};
  return {top->folder(stem.substr(0, slash)), stem.substr(slash + 1)};
}

std::vector<LogFile> list_in(const Folder& folder, const std::string& name) {
  std::vector<LogFile> found;
  const std::string prefix = name + ".";
  for (const std::string& entry : folder.names().value_or(std::vector<std::string>())) {
    if (!entry.starts_with(prefix)) continue;
    LogFile file;
    const char* end = entry.data() + entry.size();
    const auto [at, error] = std::from_chars(entry.data() + prefix.size(), end, file.number);
    if (error != std::errc() || at != end || file.number > most_number) continue;
    if (entry != file_name(name, file.number)) continue;  // "007"
    const auto info = folder.about(entry);
    if (!info || !S_ISREG(info->st_mode) || info->st_nlink != 1) continue;
    file.size = static_cast<std::uint64_t>(info->st_size);
    found.push_back(file);
  }
  std::sort(found.begin(), found.end(), [](const LogFile& a, const LogFile& b) { return a.number < b.number; });
  return found;
}

/// Copies `size` bytes from the start of one file to the end of another; answers whether all came over.
bool copy_bytes(int from, std::uint64_t start, int to, std::uint64_t size) {
  auto offset = static_cast<off_t>(start);
  std::vector<char> buffer(256 << 10);
  while (size > 0) {
    const ssize_t n = ::pread(from, buffer.data(), std::min<std::uint64_t>(buffer.size(), size), offset);
    if (n <= 0) return false;
    for (ssize_t done = 0; done < n;) {
      const ssize_t written = ::write(to, buffer.data() + done, static_cast<std::size_t>(n - done));
      if (written <= 0) return false;
      done += written;
    }
    offset += n;
    size -= static_cast<std::uint64_t>(n);
  }
  return true;
}

std::uint64_t size_of(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

}  // namespace

std::vector<LogFile> list_log_files(const std::string& root, const std::string& stem) {
  const auto [folder, name] = place_of(root, stem);
  return folder ? list_in(*folder, name) : std::vector<LogFile>();
}

LogRotator::LogRotator(Duration look_every) : look_every_(look_every), thread_([this] { run(); }) {}

LogRotator::~LogRotator() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::shared_ptr<LogRotator::Stream> LogRotator::find(const std::string& key) {
  std::lock_guard lock(mutex_);
  if (const auto at = streams_.find(key); at != streams_.end()) return at->second;
  const auto at = removed_.find(key);
  return at == removed_.end() ? nullptr : at->second.lock();
}

LogRotator::Reading LogRotator::reading(const std::string& root, const std::string& stem) {
  return Reading(find(root + "/" + stem));
}

std::expected<LogRotator::Added, std::string> LogRotator::add(const std::string& root, const std::string& stem,
                                                              std::uint64_t max_file_bytes, std::uint32_t max_files) {
  const std::string key = root + "/" + stem;
  auto stream = find(key);
  if (!stream) stream = std::make_shared<Stream>();
  Added added;
  {
    std::unique_lock lock(stream->files);
    stream->root = root;
    stream->stem = stem;
    stream->max_file_bytes = std::max<std::uint64_t>(max_file_bytes, block);
    stream->max_files = std::max<std::uint32_t>(max_files, 1);
    const auto [folder, name] = place_of(root, stem);
    if (!folder) return std::unexpected("the folder of the task's output: " + folder.error().text);
    if (auto cleared = folder->clear(name + ".rotating"); !cleared) return std::unexpected(cleared.error().text);
    const std::vector<LogFile> present = list_in(*folder, name);
    const std::uint64_t number = present.empty() ? 0 : present.back().number;
    auto taken = files::take_output(*folder, file_name(name, number), {});
    if (!taken) return std::unexpected("the task's output: " + taken.error().text);
    added = {file_name(key, number), taken->notice};
  }
  std::lock_guard lock(mutex_);
  removed_.erase(key);
  streams_[key] = std::move(stream);
  return added;
}

void LogRotator::remove(const std::string& root, const std::string& stem) {
  std::lock_guard lock(mutex_);
  const auto at = streams_.find(root + "/" + stem);
  if (at == streams_.end()) return;
  removed_[at->first] = at->second;
  streams_.erase(at);
}

void LogRotator::look() {
  std::vector<std::shared_ptr<Stream>> streams;
  {
    std::lock_guard lock(mutex_);
    std::erase_if(removed_, [](const auto& one) { return one.second.expired(); });
    for (const auto& [key, stream] : streams_) streams.push_back(stream);
  }
  for (const auto& stream : streams) rotate(*stream);
}

void LogRotator::rotate(Stream& stream) {
  const auto is_due = [&stream](const std::vector<LogFile>& present) {
    return !present.empty() && present.back().size > stream.max_file_bytes;
  };
  {
    std::shared_lock lock(stream.files);
    if (!is_due(list_log_files(stream.root, stream.stem))) return;
  }
  std::unique_lock lock(stream.files);
  const auto [folder, name] = place_of(stream.root, stream.stem);
  if (!folder) return;
  for (;;) {
    std::vector<LogFile> present = list_in(*folder, name);
    if (!is_due(present)) break;
    const std::uint64_t number = present.back().number;
    const std::string active = file_name(name, number), next = file_name(name, number + 1);
    const std::string copy = name + ".rotating";
    const auto from = folder->open(active, O_RDWR);
    if (!from || !folder->clear(copy) || !folder->clear(next)) break;
    auto to = folder->create(copy, 0644);
    const std::uint64_t chunk = stream.max_file_bytes / block * block;
    // In this order a kill at any point leaves every byte in at least one file that keeps its position in the sequence.
    bool good = to && copy_bytes(from->get(), 0, to->get(), chunk);
    if (!good) (void)folder->remove(copy);
    if (good && (!folder->rename(active, next) || !folder->rename(copy, active))) good = false;
    if (good && ::fallocate(from->get(), FALLOC_FL_COLLAPSE_RANGE, 0, static_cast<off_t>(chunk)) != 0) {
      // No collapsing here: the rest goes into the copy too, and the file starts over.
      std::uint64_t copied = chunk;
      for (std::uint64_t size = size_of(from->get()); good && copied < size; size = size_of(from->get())) {
        good = copy_bytes(from->get(), copied, to->get(), size - copied);
        copied = size;
      }
      if (good) good = ::ftruncate(from->get(), 0) == 0;
      if (!good) (void)folder->remove(active);  // the next file still holds all of it
    }
    if (!good) break;  // a full disk, most likely: the task writes on, the next look tries again
    present = list_in(*folder, name);
    for (std::size_t i = 0; i + stream.max_files < present.size(); ++i)
      (void)folder->remove(file_name(name, present[i].number));
  }
}

void LogRotator::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, std::chrono::nanoseconds(look_every_.ns), [this] { return stopping_; })) return;
    }
    guarded("the rotation of logs", [this] { look(); });
  }
}

}  // namespace orch::client
