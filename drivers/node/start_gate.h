// Lets a bounded number of task starts hold a thread at once; the others wait in line without one.
//
// A start may take minutes (it pulls an image), a stop must not wait for it: with fewer starts under way than the pool
// of calls has threads, every other call finds a thread. A start that is no longer wanted does not wait for its turn,
// since it ends at once.
//
// Threads: the mailbox's only; a Ticket may be let go on any. Lifetime: the mailbox outlives the tickets.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "drivers/node/mailbox.h"

namespace orch::client {

class StartGate {
 public:
  /// A start under way; when it is let go, the next one begins.
  using Ticket = std::shared_ptr<void>;
  using Start = std::move_only_function<void(Ticket)>;

  StartGate(Mailbox& mailbox, std::size_t most) : mailbox_(mailbox), most_(most) {}

  /// Begins the start now, or in the order of coming when others have ended. `begin` does not block.
  void enter(const std::string& alloc_id, Start begin);

  /// What waits for this allocation begins now, beyond the bound.
  void let_in(const std::string& alloc_id);

  std::size_t under_way() const { return under_way_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    std::string alloc_id;
    Start begin;
  };
  void begin(Start start);
  void leave();

  Mailbox& mailbox_;
  const std::size_t most_;
  std::size_t under_way_ = 0;
  std::deque<Waiting> waiting_;
};

}  // namespace orch::client
