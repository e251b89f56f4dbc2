// Where the follower of a container's output writes. The engine here is one that is away.
#include "drivers/task/docker/log_follower.h"

#include <doctest/doctest.h>

#include "tests/drivers/files/hostile.h"

using namespace orch;

namespace {

constexpr char container[] = "0123456789abcdef";

struct Follower {
  DockerEngine engine;
  LogFollower follower;

  explicit Follower(const test::Hostile& h, const std::string& folder = "")
      : engine(h.root() + "/no-engine"),
        follower(engine, container, h.root(), h.root() + folder + "/t.stdout.0", h.root() + folder + "/t.stderr.0",
                 false) {}
};

}  // namespace

TEST_CASE("a container's output and the place where it was read up to go to files of their own") {
  for (const char* shape : test::Hostile::shapes) {
    for (const char* name : {"t.stdout.0", "t.stderr.0", ".0123456789ab.position"}) {
      CAPTURE(shape);
      CAPTURE(name);
      test::Hostile h;
      REQUIRE(h.plant(shape, h.root() + "/" + name));
      {
        Follower one(h);
        REQUIRE(one.follower.notices().size() == 1);
        CHECK(one.follower.notices()[0].find(std::string("The task's output: ") + name + ": ") == 0);
      }  // its end stores the position
      CHECK(h.host_is_as_it_was());
      CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(h.root() + "/" + name)));
    }
  }
}

TEST_CASE("a position that an earlier agent left is gone on from") {
  test::Hostile h;
  const std::string position = h.root() + "/.0123456789ab.position";
  std::ofstream(position) << "2026-01-02T03:04:05.000000006Z 7\n";
  {
    Follower one(h);
    CHECK(one.follower.notices().empty());
  }
  CHECK(test::Hostile::text(position) == "2026-01-02T03:04:05.000000006Z 7\n");
}

TEST_CASE("output whose folder has become a link is dropped, and that is told") {
  test::Hostile h;
  REQUIRE(::symlink("..", (h.root() + "/logs").c_str()) == 0);
  Follower one(h, "/logs");
  CHECK(one.follower.notices().size() == 3);
  CHECK(one.follower.notices()[0] == "The task's output is dropped: logs: is no folder");
  CHECK_FALSE(std::filesystem::exists(h.root() + "/../t.stdout.0"));
  CHECK(h.host_is_as_it_was());
}
