#include "drivers/node/allocation_table.h"

#include <doctest/doctest.h>

using namespace orch::client;

TEST_CASE("a row replaces the one before, and what is not in the table counts as finished") {
  AllocationTable table;
  CHECK_FALSE(table.find("a"));
  CHECK(table.is_finished("a"));
  table.put("a", {"/path", "group", {"task"}, false, {}});
  table.put("b", {"/other", "group", {}, true, {}});
  CHECK_FALSE(table.is_finished("a"));
  CHECK(table.is_finished("b"));
  CHECK(table.counts().all == 2);
  CHECK(table.counts().running == 1);
  table.put("a", {"/path", "group", {"task", "second"}, true, {}});
  REQUIRE(table.find("a"));
  CHECK(table.find("a")->tasks.size() == 2);
  CHECK(table.counts().running == 0);
  table.remove("a");
  CHECK_FALSE(table.find("a"));
  CHECK(table.counts().all == 1);
}
