#include "core/base/assert.h"

#include <cstdlib>

namespace orch {
namespace {
AssertReporter installed_reporter = nullptr;
}  // namespace

void set_assert_reporter(AssertReporter reporter) { installed_reporter = reporter; }

void assertion_failed(const char* expression, const char* meaning, const char* file, int line) {
  if (installed_reporter != nullptr) installed_reporter(expression, meaning, file, line);
  std::abort();
}

}  // namespace orch
