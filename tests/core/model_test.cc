#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/model/job.h"

using namespace orch;

static_assert(HasFields<Job> && HasFields<Task> && !HasFields<Duration>);

TEST_CASE("a field table lists each field once, sorted as Nomad's JSON sorts them") {
  Job job;
  std::vector<std::string> names;
  Job::fields(job, [&](const char* json, const char*, auto&) { names.emplace_back(json); });
  CHECK(names.size() == 20);
  CHECK(std::is_sorted(names.begin(), names.end()));
}
