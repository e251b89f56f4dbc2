#include "drivers/node/registration.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <thread>

#include "tests/drivers/node/fake_server.h"

using namespace orch;
using namespace orch::client;

namespace {

struct Registered {
  test::FakeServer server;
  test::FakeServerApi api{server};
  Registration registration;

  Registered() : registration(api, {"node-id", "secret"}, named("first"), [](auto, const auto&) {}) {}
  ~Registered() {
    api.cancel();
    registration.stop();
  }
  static Node named(const std::string& name) {
    Node node;
    node.name = name;
    return node;
  }
};

}  // namespace

TEST_CASE("a node is registered once, then beats") {
  Registered node;
  bool began = false;
  CHECK_FALSE(node.registration.registered());
  node.registration.start([&] { began = true; });
  CHECK(node.registration.wait_until_registered());
  CHECK(began);
  CHECK(node.registration.registered());
  CHECK(node.server.wait_until([&] { return node.server.heartbeats >= 2; }));
  CHECK(node.server.registrations == 1);
}

TEST_CASE("a node that asks for it is registered again, as is one that the servers have forgotten") {
  Registered node;
  node.registration.start([] {});
  CHECK(node.registration.wait_until_registered());
  node.registration.again();
  CHECK(node.server.wait_until([&] { return node.server.registrations == 2; }));
  {
    std::lock_guard lock(node.server.mutex);
    node.server.forgotten = true;
  }
  CHECK(node.server.wait_until([&] { return node.server.registrations == 3; }));
}

TEST_CASE("a document is replaced, never changed, and only when something is different") {
  Registered node;
  const auto first = node.registration.node();
  CHECK_FALSE(node.registration.change([](Node& made) {
    made.name = "dropped";
    return false;
  }));
  CHECK(node.registration.node() == first);
  CHECK(node.registration.change([](Node& made) {
    made.name = "second";
    return true;
  }));
  CHECK(first->name == "first");
  CHECK(node.registration.node()->name == "second");
}

TEST_CASE("no change of a document is lost when two are made at once") {
  Registered node;
  const auto count = [&] {
    for (int i = 0; i < 500; ++i) {
      node.registration.change([](Node& made) {
        ++made.resources.cpu;
        return true;
      });
    }
  };
  const auto before = node.registration.node()->resources.cpu;
  std::thread other(count);
  count();
  other.join();
  CHECK(node.registration.node()->resources.cpu == before + 1000);
}

TEST_CASE("who waits for the registration is told of the stop") {
  Registered node;
  std::thread stopper([&] { node.registration.stop(); });
  CHECK_FALSE(node.registration.wait_until_registered());
  stopper.join();
}
