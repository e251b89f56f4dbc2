#include "drivers/files/output_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include "tests/drivers/files/hostile.h"

using namespace orch::files;
using orch::test::Hostile;

namespace {

void append(const OutputFile& out, const std::string& text) {
  REQUIRE(::write(out.file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

uid_t owner_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_uid;
}

}  // namespace

TEST_CASE("output goes to a file of its own, whatever was in its place") {
  for (const char* shape : Hostile::shapes) {
    CAPTURE(shape);
    Hostile h;
    REQUIRE(h.plant(shape, h.root() + "/t.stdout.0"));
    const auto out = take_output(h.root(), h.root() + "/t.stdout.0", {});
    REQUIRE_MESSAGE(out, out.error().text);
    CHECK(out->notice.find("t.stdout.0: ") == 0);
    CHECK(out->notice.find(" is in the way; it was replaced") != std::string::npos);
    append(*out, "line\n");
    CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(h.root() + "/t.stdout.0")));
    CHECK(Hostile::text(h.root() + "/t.stdout.0") == "line\n");
    CHECK(h.host_is_as_it_was());
  }
}

TEST_CASE("a file that belongs there is gone on with") {
  Hostile h;
  append(*take_output(h.root(), h.root() + "/out", {}), "first\n");
  const auto again = take_output(h.root(), h.root() + "/out", {});
  CHECK(again->notice.empty());
  append(*again, "second\n");
  CHECK(Hostile::text(h.root() + "/out") == "first\nsecond\n");
}

TEST_CASE("a link on the way to the file leaves the output without one") {
  Hostile h;
  REQUIRE(::symlink("..", (h.root() + "/logs").c_str()) == 0);
  CHECK_FALSE(take_output(h.root(), h.root() + "/logs/host", {}));
  CHECK_FALSE(take_output(h.root(), h.root() + "/logs/nowhere", {}));
  CHECK_FALSE(take_output(h.root(), h.root() + "/../host", {}));
  CHECK_FALSE(take_output(h.root(), h.host(), {}));
  CHECK_FALSE(take_output(h.root(), h.root() + "/", {}));
  CHECK(h.host_is_as_it_was());
}

TEST_CASE("another user is given the file that is made for them, and none that held something") {
  if (::geteuid() != 0) return;  // only root can give files away
  const Owner nobody{65534, 65534};
  for (const char* shape : Hostile::shapes) {
    CAPTURE(shape);
    Hostile h;
    REQUIRE(h.plant(shape, h.root() + "/out"));
    REQUIRE(take_output(h.root(), h.root() + "/out", nobody));
    CHECK(owner_of(h.root() + "/out") == nobody.uid);
    CHECK(h.host_is_as_it_was());
  }
  Hostile h;
  // What the rotator has just made.
  REQUIRE(take_output(h.root(), h.root() + "/out", {}));
  CHECK(owner_of(h.root() + "/out") == 0);
  append(*take_output(h.root(), h.root() + "/out", nobody), "theirs\n");
  CHECK(owner_of(h.root() + "/out") == nobody.uid);
  CHECK(take_output(h.root(), h.root() + "/out", nobody)->notice.empty());
  CHECK(Hostile::text(h.root() + "/out") == "theirs\n");
  // A file of root's that was moved here keeps its owner, and the output has another.
  std::ofstream(h.root() + "/secret") << "root's";
  const Descriptor secret(::open((h.root() + "/secret").c_str(), O_RDONLY));
  std::filesystem::rename(h.root() + "/secret", h.root() + "/out");
  const auto out = take_output(h.root(), h.root() + "/out", nobody);
  REQUIRE(out);
  CHECK(out->notice == "out: a file of another user's is in the way; it was replaced");
  struct stat info {};
  REQUIRE(::fstat(secret.get(), &info) == 0);
  CHECK(info.st_uid == 0);
  CHECK(Hostile::text(h.root() + "/out").empty());
}
