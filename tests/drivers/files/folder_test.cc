#include "drivers/files/folder.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>

#include "tests/drivers/files/hostile.h"

using namespace orch::files;
using orch::test::Hostile;

TEST_CASE("only a regular file with one name is opened for writing, and nothing waits") {
  for (const char* shape : Hostile::shapes) {
    for (const int access : {O_RDONLY, O_WRONLY, O_RDWR | O_APPEND}) {
      CAPTURE(shape);
      CAPTURE(access);
      Hostile h;
      REQUIRE(h.plant(shape, h.root() + "/x"));
      const auto opened = Folder::at(h.root())->open("x", access);
      // A second name can be read: which files have them says nothing of whose they are.
      CHECK(opened.has_value() == (std::string(shape) == "second name of a host file" && access == O_RDONLY));
      CHECK(h.host_is_as_it_was());
    }
  }
  Hostile h;
  std::ofstream(h.root() + "/x") << "text";
  CHECK(Folder::at(h.root())->open("x", O_RDWR));
  CHECK(Folder::at(h.root())->open("y", O_RDWR).error().kind == Problem::Kind::missing);
}

TEST_CASE("a path goes through no link and not out of its folder") {
  Hostile h;
  const auto root = Folder::at(h.root());
  std::filesystem::create_directory(h.root() + "/real");
  std::ofstream(h.root() + "/real/file") << "text";
  REQUIRE(::symlink("..", (h.root() + "/up").c_str()) == 0);
  REQUIRE(::symlink("real", (h.root() + "/within").c_str()) == 0);
  for (const char* path : {"up/host", "../host", "real/../../host", "/etc/passwd", "within/file"}) {
    CAPTURE(path);
    CHECK(root->open(path, O_RDONLY).error().kind == Problem::Kind::escapes);
  }
  CHECK(root->folder("up").error().kind == Problem::Kind::occupied);
  CHECK(root->open("within/file", O_RDONLY, Links::inside));
  CHECK(root->open("up/host", O_RDONLY, Links::inside).error().kind == Problem::Kind::escapes);
  CHECK(root->open(std::string("real\0file", 9), O_RDONLY).error().kind == Problem::Kind::escapes);
  CHECK(root->open("real/file", O_RDONLY));
}

TEST_CASE("what is made is new and has its mode whatever the umask is") {
  Hostile h;
  const auto root = Folder::at(h.root());
  const mode_t before = ::umask(077);
  CHECK(root->make_folder(".", "open", 0777));
  CHECK(root->make_folder("open", "closed", 0700));
  CHECK(root->create("file", 0644));
  ::umask(before);
  CHECK((root->about("open")->st_mode & 07777) == 0777);
  CHECK((Folder::at(h.root() + "/open")->about("closed")->st_mode & 07777) == 0700);
  CHECK((root->about("file")->st_mode & 07777) == 0644);
  CHECK(root->names()->size() == 2);
  // What is there keeps its mode: who knows what it is.
  CHECK(root->make_folder("open", "closed", 0777));
  CHECK((Folder::at(h.root() + "/open")->about("closed")->st_mode & 07777) == 0700);
  for (const char* shape : Hostile::shapes) {
    CAPTURE(shape);
    REQUIRE(h.plant(shape, h.root() + "/x"));
    CHECK(root->create("x", 0644).error().kind == Problem::Kind::occupied);
    CHECK(root->make_folder(".", "x", 0777).has_value() == (std::string(shape) == "folder"));
    CHECK(root->make_folder("x", "y", 0777).has_value() == (std::string(shape) == "folder"));
    CHECK(root->clear("x"));
    CHECK(root->clear("x"));  // nothing there is clear as well
    CHECK_FALSE(root->about("x"));
    CHECK(h.host_is_as_it_was());
  }
  CHECK(Hostile::text(h.root() + "/x.aside.0/inhabitant") == "x");
}

TEST_CASE("a tree is removed without following a link, however deep it is") {
  Hostile h;
  std::filesystem::create_directory(h.root() + "/tree");
  for (const char* shape : Hostile::shapes) REQUIRE(h.plant(shape, h.root() + "/tree/" + shape));
  std::filesystem::create_directory(h.root() + "/beside");
  std::ofstream(h.root() + "/beside/file") << "kept";
  REQUIRE(::symlink("../beside", (h.root() + "/tree/link").c_str()) == 0);
  // Deeper than a path can be long and than there are descriptors.
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const rlimit few{128, limit.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  {
    Descriptor at(::open((h.root() + "/tree").c_str(), O_RDONLY | O_DIRECTORY));
    for (int depth = 0; depth < 900; ++depth) {
      REQUIRE(::mkdirat(at.get(), "deep", 0777) == 0);
      at = Descriptor(::openat(at.get(), "deep", O_RDONLY | O_DIRECTORY));
      REQUIRE(at);
    }
  }
  const auto root = Folder::at(h.root());
  const auto removed = root->remove_tree("tree");
  CHECK_MESSAGE(removed, removed.error().text);
  CHECK(root->remove_tree("tree"));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(root->names() == std::vector<std::string>{"beside"});
  CHECK(Hostile::text(h.root() + "/beside/file") == "kept");
  CHECK(h.host_is_as_it_was());
  // A link itself is removed, not where it leads.
  REQUIRE(::symlink("beside", (h.root() + "/name").c_str()) == 0);
  CHECK(root->remove_tree("name"));
  CHECK(Hostile::text(h.root() + "/beside/file") == "kept");
}
