// Base64 both ways: the recommendation's own examples (RFC 4648), every length of rest, and what is not base64.
#include "drivers/crypto/base64.h"

#include <doctest/doctest.h>

namespace orch {
namespace {

TEST_CASE("the examples of RFC 4648") {
  struct Example {
    const char *bytes, *text;
  };
  const Example examples[] = {{"", ""},
                              {"f", "Zg=="},
                              {"fo", "Zm8="},
                              {"foo", "Zm9v"},
                              {"foob", "Zm9vYg=="},
                              {"fooba", "Zm9vYmE="},
                              {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : examples) {
    CHECK(base64(bytes) == text);
    CHECK(from_base64(text) == bytes);
  }
}

TEST_CASE("every byte survives, at every length") {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    CHECK(from_base64(base64(bytes)) == bytes);
    CHECK(from_base64(base64url(bytes)) == bytes);
    bytes += static_cast<char>(i * 7);
  }
}

TEST_CASE("the alphabet of URLs") {
  CHECK(base64("\xfb\xff\xfe") == "+//+");
  CHECK(base64url("\xfb\xff\xfe") == "-__-");
  CHECK(from_base64("-__-") == "\xfb\xff\xfe");
}

TEST_CASE("padding may be left out, and line ends are") {
  CHECK(from_base64("Zm9vYg") == "foob");
  CHECK(from_base64("Zm9v\r\nYmFy\n") == "foobar");
}

TEST_CASE("what is no base64 is nothing") {
  for (const char* text : {"Z", "Zm9vY", "Zm9v!", "Zm 9v", "Zg==Zg==", "Zm9v\tYmFy", "ä"})
    CHECK_FALSE(from_base64(text).has_value());
}

}  // namespace
}  // namespace orch
