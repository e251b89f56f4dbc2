#include "drivers/node/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "core/base/time_text.h"
#include "core/model/json_text.h"
#include "core/model/json_writer.h"
#include "drivers/crypto/base64.h"
#include "drivers/files/folder.h"
#include "drivers/node/alloc_dir.h"

namespace orch::client {
namespace {

constexpr std::size_t frame_bytes = 64 << 10;
constexpr std::size_t most_queued = 1 << 20;  // a slow reader holds back the follower, not the agent's memory

using Clock = std::chrono::steady_clock;

using files::Descriptor;

std::string relative(const std::string& path) {
  std::size_t start = 0;
  while (start < path.size() && path[start] == '/') ++start;
  return start == path.size() ? "." : path.substr(start);
}

std::string mode_text(mode_t mode) {
  std::string text = S_ISDIR(mode) ? "d" : S_ISLNK(mode) ? "L" : S_ISFIFO(mode) ? "p" : S_ISSOCK(mode) ? "S" : "-";
  for (int bit = 8; bit >= 0; --bit) text += (mode >> bit & 1) != 0 ? "xwr"[bit % 3] : '-';
  return text;
}

void write_info(JsonWriter& json, const std::string& name, const struct stat& info) {
  json.object().member("Name", name).member("IsDir", static_cast<bool>(S_ISDIR(info.st_mode)));
  json.member("Size", static_cast<std::int64_t>(info.st_size)).member("FileMode", mode_text(info.st_mode));
  json.member("ModTime", rfc3339({info.st_mtim.tv_sec * 1'000'000'000ll + info.st_mtim.tv_nsec})).end();
}

/// Waits for changes in a folder, at most a moment; without inotify it only waits.
class Watch {
 public:
  /// `what` is open already: by its path it could be something else.
  explicit Watch(const std::expected<int, FileError>& what)
      : what_(what.value_or(-1)), fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (!fd_ || !what_) return;
    const std::string path = "/proc/self/fd/" + std::to_string(what_.get());
    ::inotify_add_watch(fd_.get(), path.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVE_SELF);
  }
  void wait(int milliseconds) {
    pollfd one{fd_.get(), POLLIN, 0};
    if (::poll(&one, 1, milliseconds) > 0) {
      char events[4096];
      while (::read(fd_.get(), events, sizeof events) > 0) {
      }
    }
  }

 private:
  Descriptor what_, fd_;
};

/// Frames or plain bytes to one reader, no faster than it takes them.
class Frames {
 public:
  Frames(net::StreamWriter& writer, const FollowOptions& options) : writer_(writer), options_(options) {}

  bool alive() const { return writer_.alive() && !options_.stop(); }

  bool data(const std::string& file, std::uint64_t offset_after, std::string bytes) {
    last_ = Clock::now();
    while (writer_.queued() > most_queued) {
      if (!alive()) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (!alive()) return false;
    if (options_.plain) return writer_.write(std::move(bytes));
    std::string frame = "{\"Data\":\"" + base64(bytes) + "\",\"File\":";
    append_quoted(frame, file);
    frame += ",\"Offset\":" + std::to_string(offset_after) + "}\n";
    return writer_.write(std::move(frame));
  }
  bool event(const std::string& file, std::uint64_t offset, std::string_view what) {
    if (options_.plain) return alive();
    std::string frame;
    JsonWriter json(frame);
    json.object().member("File", file).member("FileEvent", what).member("Offset", offset).end();
    frame += '\n';
    return alive() && writer_.write(std::move(frame));
  }
  /// An empty frame a second shows a reader that the stream is alive, and us that the reader is.
  bool beat() {
    if (options_.plain || Clock::now() - last_ < std::chrono::seconds(1)) return alive();
    last_ = Clock::now();
    return alive() && writer_.write("{}\n");
  }

 private:
  net::StreamWriter& writer_;
  const FollowOptions& options_;
  Clock::time_point last_ = Clock::now();
};

std::string read_some(int fd, std::uint64_t offset, std::size_t most) {
  std::string bytes(most, '\0');
  const ssize_t n = ::pread(fd, bytes.data(), most, static_cast<off_t>(offset));
  bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return bytes;
}

}  // namespace

std::expected<int, FileError> AllocFiles::open(const std::string& path, mode_t kind) const {
  if (path.find('\0') != std::string::npos) {
    return std::unexpected(FileError{FileError::Kind::escapes, "path: must not contain NUL"});
  }
  const auto failed = [&](int code) {
    if (code == EXDEV || code == ELOOP) {
      return std::unexpected(FileError{FileError::Kind::escapes, "Path escapes the alloc directory"});
    }
    const std::string name = relative(path);
    return std::unexpected(
        FileError{code == ENOENT || code == ENOTDIR ? FileError::Kind::missing : FileError::Kind::failed,
                  "stat " + root_ + (name == "." ? "" : "/" + name) + ": " +
                      (code == ENOENT    ? "no such file or directory"
                       : code == ENOTDIR ? "not a directory"
                                         : ::strerror(code))});
  };
  const auto root = files::Folder::at(root_);
  if (!root) return failed(root.error().code);
  const std::string name = relative(path);
  auto seen = root->look(name, files::Links::inside);
  if (!seen) return failed(seen.error().code);
  if (kind == 0) return seen->release();
  // Where it really is, after links: <root>/<task>/secrets/… stays with the task.
  char buffer[4096];
  const auto path_behind = [&](int at) {
    const ssize_t n = ::readlink(("/proc/self/fd/" + std::to_string(at)).c_str(), buffer, sizeof buffer);
    return std::string(buffer, n > 0 ? static_cast<std::size_t>(n) : 0);
  };
  const std::string base = path_behind(root->descriptor()) + "/", real = path_behind(seen->get()) + "/";
  const std::size_t task_end = real.find('/', base.size());
  if (real.starts_with(base) && task_end != std::string::npos && real.compare(task_end, 9, "/secrets/") == 0 &&
      real.substr(base.size(), task_end - base.size()) != "alloc") {
    return std::unexpected(FileError{FileError::Kind::refused, "Reading secret file prohibited: " + name});
  }
  struct stat info {};
  if (::fstat(seen->get(), &info) != 0) return failed(errno);
  if ((info.st_mode & S_IFMT) != kind) {
    return std::unexpected(
        FileError{FileError::Kind::refused, kind == S_IFDIR ? relative(path) + ": is a file, not a folder"
                                                            : "file " + relative(path) + " is not a regular file"});
  }
  auto opened = files::reopen(*seen, O_RDONLY);
  if (!opened) return failed(opened.error().code);
  return opened->release();
}

std::expected<std::string, FileError> AllocFiles::list(const std::string& path) const {
  auto opened = open(path, S_IFDIR);
  if (!opened) return std::unexpected(opened.error());
  struct stat info {};
  DIR* dir = ::fdopendir(*opened);
  if (dir == nullptr) {
    ::close(*opened);
    return std::unexpected(FileError{FileError::Kind::failed, relative(path) + ": " + ::strerror(errno)});
  }
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(dir)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  std::string out;
  JsonWriter json(out);
  json.array();
  for (const std::string& name : names) {
    if (::fstatat(::dirfd(dir), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) write_info(json, name, info);
  }
  json.end();
  ::closedir(dir);
  return out;
}

std::expected<std::string, FileError> AllocFiles::stat(const std::string& path) const {
  auto opened = open(path, 0);
  if (!opened) return std::unexpected(opened.error());
  const Descriptor file(*opened);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) {
    return std::unexpected(FileError{FileError::Kind::failed, relative(path) + ": " + ::strerror(errno)});
  }
  std::string name = relative(path);
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  name = name == "." ? root_.substr(root_.rfind('/') + 1) : name.substr(name.rfind('/') + 1);
  std::string out;
  JsonWriter json(out);
  write_info(json, name, info);
  return out;
}

std::expected<void, FileError> AllocFiles::check_readable(const std::string& path) const {
  auto opened = open(path, S_IFREG);
  if (!opened) return std::unexpected(opened.error());
  const Descriptor closed(*opened);
  return {};
}

std::expected<std::string, FileError> AllocFiles::read(const std::string& path, std::uint64_t offset,
                                                       std::uint64_t limit) const {
  auto opened = open(path, S_IFREG);
  if (!opened) return std::unexpected(opened.error());
  const Descriptor file(*opened);
  std::string out;
  while (out.size() < limit) {
    std::string bytes =
        read_some(file.get(), offset + out.size(), std::min<std::uint64_t>(frame_bytes, limit - out.size()));
    if (bytes.empty()) break;
    out += bytes;
  }
  return out;
}

void AllocFiles::follow_file(const std::string& path, const FollowOptions& options, net::StreamWriter& writer) const {
  Frames frames(writer, options);
  const std::string name = relative(path);
  Watch watch(open(path, S_IFREG));
  std::uint64_t offset = options.offset;
  bool placed = !options.from_end;
  while (frames.alive()) {
    const bool finished = options.finished();  // asked before reading: what came before it is still sent
    auto opened = open(path, S_IFREG);
    if (!opened) {
      frames.event(name, offset, "file deleted");
      break;
    }
    const Descriptor file(*opened);
    struct stat info {};
    if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) break;
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (!placed) {
      offset = size - std::min(size, options.offset);
      placed = true;
    } else if (size < offset && options.follow) {
      offset = 0;
      if (!frames.event(name, offset, "file truncated")) break;
    }
    bool going = true;
    for (std::string bytes; going && !(bytes = read_some(file.get(), offset, frame_bytes)).empty();) {
      offset += bytes.size();
      going = frames.data(name, offset, std::move(bytes));
    }
    if (!going || !options.follow || finished || !frames.beat()) break;
    watch.wait(200);
  }
  writer.close();
}

void AllocFiles::follow_logs(const std::string& task, const std::string& type, const FollowOptions& options,
                             LogRotator& rotator, net::StreamWriter& writer) const {
  Frames frames(writer, options);
  const std::string stem = AllocDir::log_stem(task, type);
  Watch watch(open("alloc/logs", S_IFDIR));
  std::uint64_t number = 0, offset = options.offset;
  bool placed = false;
  while (frames.alive()) {
    const bool finished = options.finished();
    bool more = false;
    std::string bytes, name;
    {
      const auto lock = rotator.reading(root_, stem);
      const std::vector<LogFile> files = list_log_files(root_, stem);
      if (!files.empty()) {
        if (!placed) {
          std::uint64_t total = 0;
          for (const LogFile& file : files) total += file.size;
          offset = options.from_end ? total - std::min(total, options.offset) : std::min(total, options.offset);
          number = files.front().number;
          placed = true;
        } else if (number < files.front().number) {  // what we were reading was thrown away by rotation
          number = files.front().number;
          offset = 0;
        }
        for (const LogFile& file : files) {
          if (file.number < number) continue;
          number = file.number;
          const bool last = file.number == files.back().number;
          // The end of a file that is not the last is the start of the next; rotation moves bytes there.
          if (offset >= file.size && !last) {
            offset -= file.size;
            ++number;
            continue;
          }
          name = stem + "." + std::to_string(number);
          if (offset < file.size) {
            if (auto opened = open(name, S_IFREG); opened) {
              const Descriptor descriptor(*opened);
              bytes = read_some(descriptor.get(), offset, std::min<std::uint64_t>(frame_bytes, file.size - offset));
            }
          } else if (offset > file.size) {
            offset = 0;
            more = frames.event(name, 0, "file truncated");
          }
          break;
        }
      }
    }
    if (!bytes.empty()) {
      offset += bytes.size();
      if (!frames.data(name, offset, std::move(bytes))) break;
      continue;
    }
    if (more) continue;
    if (!options.follow || finished || !frames.beat()) break;
    watch.wait(200);
  }
  writer.close();
}

}  // namespace orch::client
