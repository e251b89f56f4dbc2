// A log in memory: for tests and the simulator. Durable only as long as the object lives.
#pragma once

#include <string>
#include <vector>

#include "core/base/assert.h"
#include "core/log/log.h"

namespace orch {

/// Single-threaded: core has no locks, so `wait` answers at once. The conformance suite leaves waiting out for it.
class MemoryLog final : public Log {
 public:
  explicit MemoryLog(std::string id) : id_(std::move(id)) {}

  const std::string& id() const override { return id_; }
  LogIndex head() const override { return groups_.size(); }
  LogIndex oldest() const override { return 1; }

  std::expected<LogIndex, LogError> append(std::span<const Bytes> groups) override {
    ORCH_ASSERT(!groups.empty(), "an append has something to append");
    if (fail_next_) {
      fail_next_ = false;
      return std::unexpected(LogError{LogError::Kind::unavailable, "the log was told to fail"});
    }
    std::size_t size = 0;
    for (Bytes g : groups) {
      if (g.size() > group_bytes_max)
        return std::unexpected(LogError{LogError::Kind::too_large, "a record group is too large for the log"});
      size += g.size();
    }
    if (size > room_) return std::unexpected(LogError{LogError::Kind::full, "the log was given no more room"});
    room_ -= size;
    const LogIndex first = groups_.size() + 1;
    for (Bytes g : groups) groups_.emplace_back(reinterpret_cast<const char*>(g.data()), g.size());
    return first;
  }

  std::expected<void, LogError> read(LogIndex from, const Visitor& visit) const override {
    for (LogIndex i = from == 0 ? 1 : from; i <= groups_.size(); ++i) {
      if (!visit(i, std::as_bytes(std::span(groups_[i - 1])))) break;
    }
    return {};
  }

  bool wait(LogIndex after, Duration) const override { return head() > after; }

  /// The next append answers `unavailable` and writes nothing.
  void fail_next() { fail_next_ = true; }

  /// Bytes that appends may still take; without limit at first.
  void give_room(std::size_t bytes) { room_ = bytes; }

 private:
  std::string id_;
  std::vector<std::string> groups_;
  bool fail_next_ = false;
  std::size_t room_ = ~std::size_t{0};
};

}  // namespace orch
