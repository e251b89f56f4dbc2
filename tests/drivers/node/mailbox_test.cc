#include "drivers/node/mailbox.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>

using namespace orch;
using namespace orch::client;

TEST_CASE("the mailbox runs what is posted in order, on one thread") {
  Mailbox mailbox;
  std::string ran;
  std::thread::id first, last;
  mailbox.post([&] {
    ran += 'a';
    first = std::this_thread::get_id();
  });
  mailbox.post([&] { ran += 'b'; });
  mailbox.run_and_wait([&] {
    ran += 'c';
    last = std::this_thread::get_id();
  });
  CHECK(ran == "abc");
  CHECK(first == last);
  CHECK(first != std::this_thread::get_id());
}

TEST_CASE("a mailbox that stops runs what was posted, and neither a timer nor what comes later") {
  Mailbox mailbox;
  std::string ran;
  mailbox.set_timer("t", read_moment().elapsed + hours(1), [&] { ran += "timer "; });
  mailbox.post([&] { ran += "posted "; });
  mailbox.stop();
  mailbox.post([&] { ran += "late "; });
  mailbox.run_and_wait([&] { ran += "later "; });
  mailbox.set_timer("u", Elapsed{}, [&] { ran += "due "; });
  mailbox.stop();
  CHECK(ran == "posted ");
}

TEST_CASE("a timer that the mailbox's own thread cancels does not begin") {
  Mailbox mailbox;
  std::string ran;
  mailbox.run_and_wait([&] {
    mailbox.set_timer("t", Elapsed{}, [&] { ran += "cancelled "; });
    mailbox.cancel_timer("t");
    mailbox.set_timer("u", Elapsed{}, [&] { ran += "replaced "; });
    mailbox.set_timer("u", Elapsed::never(), [&] { ran += "never "; });
  });
  mailbox.run_and_wait([] {});
  CHECK(ran.empty());
}
