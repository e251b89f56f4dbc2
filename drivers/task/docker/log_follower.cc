#include "drivers/task/docker/log_follower.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

namespace orch {
namespace {

void write_all(int file, std::string_view bytes) {
  while (file >= 0 && !bytes.empty()) {
    const ssize_t n = write(file, bytes.data(), bytes.size());
    if (n <= 0) return;  // a full disk costs the task's output, not the agent
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

LogFollower::LogFollower(const DockerEngine& engine, std::string container, std::string stdout_path,
                         std::string stderr_path, bool tty)
    : engine_(engine), container_(std::move(container)), tty_(tty), client_(engine.connection()) {
  const std::size_t slash = stdout_path.rfind('/');
  position_path_ = stdout_path.substr(0, slash + 1) + "." + container_.substr(0, 12) + ".position";
  std::ifstream(position_path_) >> position_;
  files_[0] = open(stdout_path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  files_[1] = open(stderr_path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  thread_ = std::thread([this] { run(); });
}

LogFollower::~LogFollower() {
  stopping_ = true;
  client_.cancel();
  thread_.join();
  for (int file : files_) {
    if (file >= 0) close(file);
  }
}

void LogFollower::run() {
  while (!stopping_) {
    pending_.clear();
    std::string path = "/containers/" + container_ + "/logs?follow=true&stdout=true&stderr=true&timestamps=true";
    if (!position_.empty()) path += "&since=" + query_encoded(position_);
    const auto ended = engine_.stream(client_, "GET", path, "", [this](std::string_view bytes) {
      take(bytes);
      return !stopping_.load();
    });
    if (ended || ended.error().status == 404 || ended.error().status == 409) break;
    // The engine is away: the container may live on, and the engine come back.
    for (int i = 0; i < 10 && !stopping_; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  finished_ = true;
}

// Frames of 8 bytes (stream, 0, 0, 0, length) and their text; with a terminal there are no frames.
void LogFollower::take(std::string_view bytes) {
  pending_ += bytes;
  std::size_t at = 0;
  if (tty_) {
    for (std::size_t end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n', at)) {
      line(1, std::string_view(pending_).substr(at, end + 1 - at));
      at = end + 1;
    }
  }
  while (!tty_ && pending_.size() - at >= 8) {
    const auto* header = reinterpret_cast<const unsigned char*>(pending_.data() + at);
    const std::size_t length = static_cast<std::size_t>(header[4]) << 24 | static_cast<std::size_t>(header[5]) << 16 |
                               static_cast<std::size_t>(header[6]) << 8 | header[7];
    if (pending_.size() - at - 8 < length) break;
    line(header[0], std::string_view(pending_).substr(at + 8, length));
    at += 8 + length;
  }
  pending_.erase(0, at);
}

void LogFollower::line(int stream, std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return;
  const std::string_view stamp = text.substr(0, space);
  if (stamp <= position_) return;  // `since` includes the line that was copied last
  write_all(files_[stream == 2 ? 1 : 0], text.substr(space + 1));
  position_ = stamp;
  const int file = open(position_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file >= 0) {
    write_all(file, position_);
    close(file);
  }
}

}  // namespace orch
