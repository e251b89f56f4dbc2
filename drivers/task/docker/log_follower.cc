#include "drivers/task/docker/log_follower.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <sstream>

#include "core/base/guard.h"
#include "drivers/net/percent.h"

namespace orch {
namespace {

// How many bytes went out; fewer than all when the file cannot be written.
std::size_t write_some(int file, std::string_view bytes) {
  std::size_t done = 0;
  while (file >= 0 && done < bytes.size()) {
    const ssize_t n = write(file, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

}  // namespace

LogFollower::LogFollower(const DockerEngine& engine, std::string container, const std::string& root,
                         const std::string& stdout_path, const std::string& stderr_path, bool tty)
    : engine_(engine), container_(std::move(container)), tty_(tty), client_(engine.connection()) {
  files_[0] = open_file(root, stdout_path, {});
  files_[1] = open_file(root, stderr_path, {});
  const std::size_t slash = stdout_path.rfind('/');
  position_file_ = open_file(root, stdout_path.substr(0, slash + 1) + "." + container_.substr(0, 12) + ".position",
                             files::Owner{::geteuid(), ::getegid()});
  ::fcntl(position_file_.get(), F_SETFL, 0);  // it is written in place
  load_position();
  thread_ = std::thread([this] { run(); });
}

files::Descriptor LogFollower::open_file(const std::string& root, const std::string& path,
                                         std::optional<files::Owner> owner) {
  auto taken = files::take_output(root, path, owner);
  if (!taken) {
    notices_.push_back((owner ? "How far the task's output was read is not kept: " : "The task's output is dropped: ") +
                       taken.error().text);
    return {};
  }
  if (!taken->notice.empty()) notices_.push_back("The task's output: " + taken->notice);
  return std::move(taken->file);
}

void LogFollower::load_position() {
  char text[128];
  const ssize_t n = position_file_ ? ::pread(position_file_.get(), text, sizeof text, 0) : 0;
  std::istringstream words(std::string(text, n > 0 ? static_cast<std::size_t>(n) : 0));
  words >> position_.stamp >> position_.pieces;
}

LogFollower::~LogFollower() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  client_.cancel();
  thread_.join();
}

bool LogFollower::wait_finished(Duration most) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::nanoseconds(most.ns), [this] { return finished_; });
}

bool LogFollower::pause(int milliseconds) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return stopping_.load(); });
}

bool LogFollower::container_runs() {
  const auto container = engine_.call("GET", "/containers/" + container_ + "/json", "", seconds(10));
  if (!container) return container.error().is_away();  // it may live on while the engine is away
  const auto* object = container->if_object();
  const auto* state = object != nullptr ? object->if_contains("State") : nullptr;
  const auto* running = state != nullptr && state->is_object() ? state->get_object().if_contains("Running") : nullptr;
  return running != nullptr && running->is_bool() && running->get_bool();
}

void LogFollower::run() {
  // From the stored position on, as after a broken connection.
  while (!guarded("a container's output", [this] { follow(); })) {
    if (!pause(1000)) break;
  }
  guarded("the position in a container's output", [this] { store_position(); });
  std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

void LogFollower::follow() {
  bool last_pass = false;
  while (!stopping_) {
    if (!write_owed()) {
      if (!pause(1000)) break;
      continue;
    }
    if (!copy_once() || last_pass) break;
    // The stream also ends when the engine stops. Whoever sees the container ended looks once more for what came last.
    last_pass = !stopping_ && owed_.empty() && !container_runs();
    if (!last_pass && !pause(200)) break;
  }
}

// Answers false when there is nothing to be had from the engine any more.
bool LogFollower::copy_once() {
  pending_.clear();
  resuming_ = !position_.stamp.empty();
  to_skip_ = position_.pieces;
  std::string path = "/containers/" + container_ + "/logs?follow=true&stdout=true&stderr=true&timestamps=true";
  if (!position_.stamp.empty()) path += "&since=" + net::percent_encoded(position_.stamp);
  const auto ended = engine_.stream(client_, "GET", path, {}, [this](std::string_view bytes) {
    return take(bytes) && !stopping_.load();
  });
  if (ended && tty_ && !pending_.empty() && owed_.empty()) piece(1, pending_);  // a last line without its end
  // 404: the container is gone; 409, 501: it has no output that can be read, such as with logging { type = "none" }.
  return ended || ended.error().is_away() || ended.error().status == 503;
}

// Frames of 8 bytes (stream, 0, 0, 0, length) and their text; with a terminal there are no frames.
bool LogFollower::take(std::string_view bytes) {
  pending_ += bytes;
  std::size_t at = 0;
  bool good = true;
  if (tty_) {
    for (std::size_t end = pending_.find('\n'); good && end != std::string::npos; end = pending_.find('\n', at)) {
      good = piece(1, std::string_view(pending_).substr(at, end + 1 - at));
      at = end + 1;
    }
  }
  while (good && !tty_ && pending_.size() - at >= 8) {
    const auto* header = reinterpret_cast<const unsigned char*>(pending_.data() + at);
    const std::size_t length = static_cast<std::size_t>(header[4]) << 24 | static_cast<std::size_t>(header[5]) << 16 |
                               static_cast<std::size_t>(header[6]) << 8 | header[7];
    if (pending_.size() - at - 8 < length) break;
    good = piece(header[0], std::string_view(pending_).substr(at + 8, length));
    at += 8 + length;
  }
  pending_.erase(0, at);
  store_position();
  return good;
}

// One timestamp, a space and what was written; false when it could not be passed on now.
bool LogFollower::piece(int stream, std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return true;
  const std::string_view stamp = text.substr(0, space);
  if (resuming_) {
    if (stamp < position_.stamp) return true;
    if (stamp == position_.stamp && to_skip_ > 0) return --to_skip_, true;
    resuming_ = false;
  }
  // Stamps of the two streams may be out of order by a little, so an older one is no reason to leave a piece out.
  if (stamp == position_.stamp) {
    ++position_.pieces;
  } else if (stamp > position_.stamp) {
    position_ = {std::string(stamp), 1};
  }
  owed_ = text.substr(space + 1);
  owed_stream_ = stream;
  return write_owed();
}

bool LogFollower::write_owed() {
  if (owed_.empty()) return true;
  const files::Descriptor& file = files_[owed_stream_ == 2 ? 1 : 0];
  owed_.erase(0, file ? write_some(file.get(), owed_) : owed_.size());
  return owed_.empty();
}

void LogFollower::store_position() {
  // What is owed would be lost with this process, so a later one must ask for it again.
  if (!owed_.empty() || position_.stamp.empty()) return;
  if (!position_file_) return;
  const std::string text = position_.stamp + " " + std::to_string(position_.pieces) + "\n";
  if (::pwrite(position_file_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()))
    (void)!::ftruncate(position_file_.get(), static_cast<off_t>(text.size()));
}

}  // namespace orch
