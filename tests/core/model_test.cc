#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/model/job.h"
#include "core/model/status.h"

using namespace orch;

static_assert(HasFields<Job> && HasFields<Task> && !HasFields<Duration>);

TEST_CASE("a field table lists each field once, sorted as Nomad's JSON sorts them") {
  Job job;
  std::vector<std::string> names;
  Job::fields(job, [&](const char* json, const char*, auto&) { names.emplace_back(json); });
  CHECK(names.size() == 20);
  CHECK(std::is_sorted(names.begin(), names.end()));
}

TEST_CASE("every number of a closed set has a text, also one that only an old record can hold") {
  for (int n = 0; n < 256; ++n) {
    for (const std::string_view shown :
         {text(static_cast<ClientStatus>(n)), text(static_cast<NodeStatus>(n)), text(static_cast<Trigger>(n))}) {
      CHECK(!shown.empty());
      if (n >= 8) CHECK(shown == "unknown (" + std::to_string(n) + ")");
    }
  }
}
