// The face of LMDB: what commits, what does not, and what a cursor finds.
#include "projections/lmdb/environment.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/projections/temporary_folder.h"

namespace orch::lmdb {
namespace {

struct Opened {
  test::TemporaryFolder folder;
  Environment environment = made(folder.path);
  Table table = made(environment);

  static Environment made(const std::string& path) {
    auto opened = Environment::open(path, {.map_size = 1 << 20, .tables = 1, .flush = false});
    REQUIRE(opened);
    return std::move(*opened);
  }
  static Table made(Environment& environment) {
    auto txn = environment.write();
    REQUIRE(txn);
    const auto table = txn->open_table("table");
    REQUIRE(table);
    REQUIRE(txn->commit());
    return *table;
  }
  void put(const std::vector<std::string>& keys) {
    auto txn = environment.write();
    for (const std::string& key : keys) REQUIRE(txn->put(table, key, "value of " + key));
    REQUIRE(txn->commit());
  }
};

std::string key_in(const Result<std::optional<Entry>>& found) {
  REQUIRE(found);
  return *found ? std::string((*found)->key) : "none";
}

}  // namespace

TEST_CASE("a write transaction that was not committed has changed nothing") {
  Opened opened;
  opened.put({"a"});
  {
    auto txn = opened.environment.write();
    REQUIRE(txn->put(opened.table, "b", "1"));
    REQUIRE(txn->erase(opened.table, "a"));
    CHECK(!*txn->get(opened.table, "a"));
  }
  const auto txn = opened.environment.read();
  CHECK(*txn->get(opened.table, "a") == "value of a");
  CHECK(!*txn->get(opened.table, "b"));
}

TEST_CASE("a read transaction stays at its instant until it is renewed") {
  Opened opened;
  auto txn = opened.environment.read();
  opened.put({"a"});
  CHECK(!*txn->get(opened.table, "a"));
  txn->release();
  REQUIRE(txn->renew());
  CHECK(*txn->get(opened.table, "a"));
}

TEST_CASE("a cursor finds what is at, after and before a key, and nothing beyond the ends") {
  Opened opened;
  const auto empty = opened.environment.read();
  auto nothing = empty->cursor(opened.table);
  CHECK(key_in(nothing->first()) == "none");
  CHECK(key_in(nothing->at_or_before("x")) == "none");
  opened.put({"b", "d"});
  const auto txn = opened.environment.read();
  auto cursor = txn->cursor(opened.table);
  CHECK(key_in(cursor->at_or_after("")) == "b");
  CHECK(key_in(cursor->at_or_after("b")) == "b");
  CHECK(key_in(cursor->at_or_after("c")) == "d");
  CHECK(key_in(cursor->at_or_after("e")) == "none");
  CHECK(key_in(cursor->at_or_before("a")) == "none");
  CHECK(key_in(cursor->at_or_before("b")) == "b");
  CHECK(key_in(cursor->at_or_before("c")) == "b");
  CHECK(key_in(cursor->at_or_before("e")) == "d");
  CHECK(key_in(cursor->previous()) == "b");
  CHECK(key_in(cursor->previous()) == "none");
}

TEST_CASE("erasing what is not there is no error") {
  Opened opened;
  opened.put({"a"});
  auto txn = opened.environment.write();
  CHECK(txn->erase(opened.table, "b"));
  {
    auto cursor = txn->write_cursor(opened.table);
    CHECK(cursor->erase("b"));
    CHECK(cursor->erase("a"));
  }
  REQUIRE(txn->commit());
  CHECK(!*opened.environment.read()->get(opened.table, "a"));
}

TEST_CASE("a full map is told as no room, and the next transaction may succeed") {
  Opened opened;
  {
    auto txn = opened.environment.write();
    Result<void> put;
    for (int i = 0; put && i < 1000; ++i) put = txn->put(opened.table, std::to_string(i), std::string(4000, 'x'));
    REQUIRE(!put);
    CHECK(put.error().is_no_room());
    CHECK(!put.error().is_damage());
  }
  opened.put({"small"});
}

TEST_CASE("a file that is none of LMDB is told as damage, a folder that is missing is not") {
  test::TemporaryFolder folder;
  const auto missing = Environment::open(folder.path + "/none", {.map_size = 1 << 20});
  REQUIRE(!missing);
  CHECK(!missing.error().is_damage());
  { Environment::open(folder.path, {.map_size = 1 << 20}); }
  std::filesystem::resize_file(folder.path + "/data.mdb", 0);
  std::filesystem::resize_file(folder.path + "/data.mdb", 8192);  // zeros
  const auto broken = Environment::open(folder.path, {.map_size = 1 << 20});
  REQUIRE(!broken);
  CHECK(broken.error().is_damage());
}

}  // namespace orch::lmdb
