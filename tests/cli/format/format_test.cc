// Texts that line up, amounts and lengths of time.
#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>

#include "cli/format/bytes.h"
#include "cli/format/moment.h"
#include "cli/format/table.h"

using namespace orch;
using namespace orch::cli;

TEST_CASE("columns are as wide as their widest cell, whatever it is made of") {
  CHECK(table({{"ID", "Name", "X"}, {"1", "long name", "y"}}) == "ID  Name       X\n1   long name  y");
  CHECK(table({{"é", "b"}, {"aa", "c"}}) == "é   b\naa  c");
  CHECK(table({{"\x1b[1mID\x1b[0m", "b"}, {"aaaa", "c"}}) == "\x1b[1mID\x1b[0m    b\naaaa  c");
  CHECK(table({{"a", "b"}, {"only one"}}) == "a         b\nonly one");
  CHECK(key_values({{"ID", "x"}, {"Long Name", ""}}) == "ID        = x\nLong Name = ");
}

TEST_CASE("sizes as Nomad writes them") {
  CHECK(binary_size(0) == "0 B");
  CHECK(binary_size(4) == "4 B");
  CHECK(binary_size(540) == "540 B");
  CHECK(binary_size(1024) == "1.0 KiB");
  CHECK(binary_size(4096) == "4.0 KiB");
  CHECK(binary_size(2726298) == "2.6 MiB");
  CHECK(binary_size(256u << 20) == "256 MiB");
  CHECK(binary_size(25769803776) == "24 GiB");
}

TEST_CASE("lengths of time show their two greatest units") {
  CHECK(length(seconds(0)) == "0s");
  CHECK(length(seconds(15)) == "15s");
  CHECK(length(seconds(60)) == "1m");
  CHECK(length(seconds(317)) == "5m17s");
  CHECK(length(hours(1)) == "1h");
  CHECK(length(seconds(3600 + 5)) == "1h");
  CHECK(length(hours(30)) == "1d6h");
  CHECK(length(hours(24 * 400)) == "1y1mo");
  CHECK(ago({0}) == "N/A");
  CHECK(instant({0}) == "N/A");
  setenv("TZ", "UTC", 1);
  tzset();
  CHECK(instant({1795462079'000000000}) == "2026-11-23T19:27:59Z");
  setenv("TZ", "EAST-05:30", 1);
  tzset();
  CHECK(instant({1795462079'000000000}) == "2026-11-24T00:57:59+05:30");
  setenv("TZ", "WEST+8", 1);
  tzset();
  CHECK(instant({1795462079'000000000}) == "2026-11-23T11:27:59-08:00");
  CHECK(parse_instant("2026-11-23T19:27:59.5Z").ns == 1795462079'500000000);
  CHECK(parse_instant("0001-01-01T00:00:00Z").ns == 0);
  CHECK(parse_instant("nonsense").ns == 0);
}
