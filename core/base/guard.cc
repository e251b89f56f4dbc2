#include "core/base/guard.h"

namespace orch {
namespace {
ExceptionReporter installed_reporter = nullptr;
}  // namespace

void set_exception_reporter(ExceptionReporter reporter) { installed_reporter = reporter; }

void report_exception(std::string_view doing, const char* what) noexcept {
  if (installed_reporter != nullptr) installed_reporter(doing, what);
}

}  // namespace orch
