#include "drivers/net/give_up.h"

#include <sys/socket.h>

#include <vector>

namespace orch::net {

bool GiveUp::settle() {
  std::lock_guard lock(mutex_);
  const bool silent = state_ != State::spoken;
  if (silent) state_ = State::settled;
  return silent;
}

void GiveUp::speak() {
  std::lock_guard lock(mutex_);
  if (state_ != State::armed) return;
  state_ = State::spoken;
  // A few hundred bytes on a connection that owes nothing else: they fit, or the client is beyond help.
  (void)::send(fd_, bytes_.data(), bytes_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(fd_, SHUT_WR);
}

void GiveUps::add(std::shared_ptr<GiveUp> one) {
  std::lock_guard lock(mutex_);
  armed_.insert(std::move(one));
}

void GiveUps::remove(const std::shared_ptr<GiveUp>& one) {
  std::lock_guard lock(mutex_);
  armed_.erase(one);
}

void GiveUps::speak_for(std::int64_t until_ms) {
  std::vector<std::shared_ptr<GiveUp>> due;
  {
    std::lock_guard lock(mutex_);
    for (const auto& one : armed_) {
      if (one->due_ms() <= until_ms) due.push_back(one);
    }
  }
  for (const auto& one : due) {
    one->speak();
    remove(one);
  }
}

}  // namespace orch::net
