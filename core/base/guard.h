// What an exception may do: end the work that it came from, and no more.
//
// orch's own code says what goes wrong in values (assert.h). What throws all the same is the standard library and
// others' (no memory left, no thread to be had, a parser's complaint): that ends one request, one job of a pool, one
// look, never the process. So whatever begins a thread, and whatever runs work of somebody else on a thread (an
// I/O thread, a pool, the loop's completions), does it inside `guarded`. Who guards says what going on means: nothing
// may go on with a state of which half was changed.
//
// core can't print: the program installs who tells (`set_exception_reporter`). Assertions aren't exceptions and still
// end the process.
#pragma once

#include <exception>
#include <string_view>
#include <utility>

namespace orch {

/// Called with what was being done and what the exception says; from any thread; must not throw.
using ExceptionReporter = void (*)(std::string_view doing, const char* what);

/// Not synchronised: call it once, before there are threads.
void set_exception_reporter(ExceptionReporter reporter);

/// Tells of an exception that was caught.
void report_exception(std::string_view doing, const char* what) noexcept;

/// Runs `work`; false when it threw, which has been told then.
template <class F>
bool guarded(std::string_view doing, F&& work) noexcept {
  try {
    std::forward<F>(work)();
    return true;
  } catch (const std::exception& thrown) {
    report_exception(doing, thrown.what());
  } catch (...) {
    report_exception(doing, "something that is no exception was thrown");
  }
  return false;
}

}  // namespace orch
