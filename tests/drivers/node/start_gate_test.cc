#include "drivers/node/start_gate.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace orch::client;

namespace {

/// A gate of two; all that is done to it is done on the mailbox's thread.
struct Starts {
  Mailbox mailbox;
  StartGate gate{mailbox, 2};
  std::string begun;  // the mailbox's
  std::vector<StartGate::Ticket> tickets;

  void enter(const std::string& name) {
    mailbox.run_and_wait([&] {
      gate.enter(name, [this, name](StartGate::Ticket ticket) {
        begun += name;
        tickets.push_back(std::move(ticket));
      });
    });
  }
  void end_first() {
    mailbox.run_and_wait([&] { tickets.erase(tickets.begin()); });
    mailbox.run_and_wait([] {});  // after what the ticket posted
  }
};

}  // namespace

TEST_CASE("no more starts are under way than the gate's bound, and the others begin in their order") {
  Starts starts;
  for (const char* name : {"a", "b", "c", "d", "e"}) starts.enter(name);
  CHECK(starts.begun == "ab");
  CHECK(starts.gate.under_way() == 2);
  CHECK(starts.gate.waiting() == 3);
  starts.end_first();
  CHECK(starts.begun == "abc");
  starts.end_first();
  CHECK(starts.begun == "abcd");
  CHECK(starts.gate.under_way() == 2);
  for (int i = 0; i < 3; ++i) starts.end_first();
  CHECK(starts.begun == "abcde");
  CHECK(starts.gate.under_way() == 0);
}

TEST_CASE("a start that is no longer wanted does not wait for its turn") {
  Starts starts;
  for (const char* name : {"a", "b", "c", "d"}) starts.enter(name);
  starts.mailbox.run_and_wait([&] { starts.gate.let_in("d"); });
  CHECK(starts.begun == "abd");
  CHECK(starts.gate.under_way() == 3);
  starts.end_first();  // still as many as the bound
  CHECK(starts.begun == "abd");
  starts.end_first();
  CHECK(starts.begun == "abdc");
  CHECK(starts.gate.waiting() == 0);
}
