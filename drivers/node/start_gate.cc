#include "drivers/node/start_gate.h"

#include <utility>

#include "core/base/assert.h"

namespace orch::client {

void StartGate::enter(const std::string& alloc_id, Start start) {
  ORCH_ASSERT(mailbox_.on_thread(), "starts enter on the mailbox's thread");
  ORCH_ASSERT(waiting_.empty() || under_way_ >= most_, "no start waits while there is room for one");
  if (under_way_ < most_) return begin(std::move(start));
  waiting_.push_back({alloc_id, std::move(start)});
}

void StartGate::let_in(const std::string& alloc_id) {
  ORCH_ASSERT(mailbox_.on_thread(), "starts are let in on the mailbox's thread");
  std::deque<Waiting> others, in;
  for (Waiting& one : std::exchange(waiting_, {})) {
    (one.alloc_id == alloc_id ? in : others).push_back(std::move(one));
  }
  waiting_ = std::move(others);
  for (Waiting& one : in) begin(std::move(one.begin));
}

void StartGate::begin(Start start) {
  ++under_way_;
  start(Ticket(this, [](StartGate* gate) { gate->mailbox_.post([gate] { gate->leave(); }); }));
}

void StartGate::leave() {
  ORCH_ASSERT(under_way_ > 0, "only a start under way ends");
  --under_way_;
  if (waiting_.empty() || under_way_ >= most_) return;
  Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  begin(std::move(next.begin));
}

}  // namespace orch::client
