// Answers that are given in place of those that did not come in time, also when the connection's own I/O thread is held
// up (a write may wait for a disk that has stopped answering).
//
// The connection's thread arms one when a handler asks for it and settles it when it answers or closes; whoever settles
// first has the word. The registry is looked through by a thread that runs no handlers.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

namespace orch::net {

class GiveUp {
 public:
  /// `fd` stays open until this is settled; `bytes` are a whole answer after which the connection ends.
  GiveUp(int fd, std::int64_t due_ms, std::string bytes) : fd_(fd), due_ms_(due_ms), bytes_(std::move(bytes)) {}

  std::int64_t due_ms() const { return due_ms_; }

  /// By the connection's thread: false when the client has been told already.
  bool settle();
  /// By another thread: tells the client, unless it is settled.
  void speak();

 private:
  enum class State { armed, settled, spoken };
  const int fd_;
  const std::int64_t due_ms_;
  const std::string bytes_;
  std::mutex mutex_;
  State state_ = State::armed;
};

/// Thread-safe.
class GiveUps {
 public:
  void add(std::shared_ptr<GiveUp> one);
  void remove(const std::shared_ptr<GiveUp>& one);
  /// Those that were due by `until_ms`: their own thread has had its chance.
  void speak_for(std::int64_t until_ms);

 private:
  std::mutex mutex_;
  std::unordered_set<std::shared_ptr<GiveUp>> armed_;
};

}  // namespace orch::net
