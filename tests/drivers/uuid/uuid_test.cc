// The form of UUIDs, made and given.
#include "drivers/uuid/uuid.h"

#include <doctest/doctest.h>

namespace orch {
namespace {

TEST_CASE("a random one has the form, in lower case, and is another one each time") {
  const std::string one = random_uuid();
  CHECK(is_uuid(one));
  CHECK(one.find_first_not_of("0123456789abcdef-") == std::string::npos);
  CHECK(one != random_uuid());
}

TEST_CASE("a key is 32 digits") {
  const std::string key = random_key();
  CHECK(key.size() == 32);
  CHECK(key.find_first_not_of("0123456789abcdef") == std::string::npos);
}

TEST_CASE("either case and any version have the form") {
  CHECK(is_uuid("0c2f1c1e-98a5-4f1e-a3c2-5a4b1d0e7f66"));
  CHECK(is_uuid("0C2F1C1E-98A5-FF1E-03C2-5A4B1D0E7F66"));
  CHECK(is_uuid("00000000-0000-0000-0000-000000000000"));
}

TEST_CASE("nothing else has it") {
  for (const char* text : {"", "0c2f1c1e", "0c2f1c1e98a54f1ea3c25a4b1d0e7f66", "{0c2f1c1e-98a5-4f1e-a3c2-5a4b1d0e7f66}",
                           "0c2f1c1e-98a5-4f1e-a3c2-5a4b1d0e7f6", "0c2f1c1e-98a5-4f1e-a3c2-5a4b1d0e7f6g",
                           "0c2f1c1e-98a5-4f1ea-3c2-5a4b1d0e7f66", "0c2f1c1e-98a5-4f1e-a3c2-5a4b1d0e7f666"})
    CHECK_FALSE(is_uuid(text));
}

}  // namespace
}  // namespace orch
