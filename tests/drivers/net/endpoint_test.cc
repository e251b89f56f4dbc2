// What people write as an address, and what they are told when it is none.
#include "drivers/net/endpoint.h"

#include <doctest/doctest.h>

using namespace orch::net;

namespace {

std::string read(std::string_view address) {
  const auto endpoint = Endpoint::parse(address);
  return endpoint ? endpoint_name(*endpoint) : endpoint.error();
}

}  // namespace

TEST_CASE("an address is a host and a port, with or without the scheme") {
  CHECK(read("10.0.0.1:4646") == "10.0.0.1:4646");
  CHECK(read("http://node_1.example:4646/") == "node_1.example:4646");
  CHECK(read("http://host") == "host:80");
  CHECK(read("http://host:") == "host:80");
  CHECK(read("host:0") == "host:0");
  CHECK(read("host:65535") == "host:65535");
  CHECK(read("host:004646") == "host:4646");
}

TEST_CASE("an IPv6 address stands in brackets and is kept without them") {
  REQUIRE(Endpoint::parse("[::1]:4646"));
  CHECK(Endpoint::parse("[::1]:4646")->host == "::1");
  CHECK(read("http://[2001:db8::1]:80") == "[2001:db8::1]:80");
  CHECK(read("[::1:4646") == "address \"[::1:4646\": missing ]");
  CHECK(read("::1:4646") == "address \"::1:4646\": expected host:port (an IPv6 address stands in brackets)");
  CHECK(read("[::1]4646") == "address \"[::1]4646\": expected host:port (an IPv6 address stands in brackets)");
}

TEST_CASE("a unix socket is named by its path") {
  CHECK(read("unix:///run/docker.sock") == "unix:///run/docker.sock");
  CHECK(read("unix://") == "address \"unix://\" names no socket file");
}

TEST_CASE("what is no address says why") {
  CHECK(read("host") == "address \"host\" has no port; use host:port");
  CHECK(read("") == "address \"\" has no host");
  CHECK(read(":4646") == "address \":4646\" has no host");
  CHECK(read("host:port") == "address \"host:port\": \"port\" is not a port (0 to 65535)");
  CHECK(read("host:65536") == "address \"host:65536\": \"65536\" is not a port (0 to 65535)");
  CHECK(read("host:99999") == "address \"host:99999\": \"99999\" is not a port (0 to 65535)");
  CHECK(read("host:99999999999999999999") ==
        "address \"host:99999999999999999999\": \"99999999999999999999\" is not a port (0 to 65535)");
  CHECK(read("https://host:1") == "address \"https://host:1\": https is not supported; use http://host:port");
  CHECK(read("ftp://host:1") == "address \"ftp://host:1\": unknown scheme; use http://host:port or unix:///path");
  CHECK(read("me:secret@host:1") == "address \"me:secret@host:1\": a user and a password are not supported");
}
