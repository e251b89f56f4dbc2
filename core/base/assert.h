// Assertions that stay on in release builds.
//
// Three kinds of failure never mix in orch: a refusal is a recorded value, an operating error is a `std::expected`,
// and a bug is an ORCH_ASSERT. A failed assertion ends the process: state that contradicts itself must not go on
// answering. core is pure, so it cannot print by itself: the program installs a reporter (see `set_assert_reporter`).
#pragma once

namespace orch {

/// Called with the failed expression, what it means, and where it stands. The process aborts when it returns.
using AssertReporter = void (*)(const char* expression, const char* meaning, const char* file, int line);

/// Installs the reporter. Not synchronised: call it once, first thing in `main`.
void set_assert_reporter(AssertReporter reporter);

[[noreturn]] void assertion_failed(const char* expression, const char* meaning, const char* file, int line);

}  // namespace orch

/// `meaning` is a sentence that says what must hold and is a literal.
#define ORCH_ASSERT(expression, meaning)                                                      \
  (static_cast<bool>(expression)                                                              \
       ? static_cast<void>(0)                                                                 \
       : ::orch::assertion_failed(#expression, meaning, __FILE__, __LINE__))
