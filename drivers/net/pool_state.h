// What a pool, its strands and its timers share. For their .cc files: includes Asio.
//
// `unfinished` counts who may need a thread: each job and each strand that has work. A thread serves one of them at a
// time, so somebody waits for a thread exactly when `unfinished` exceeds `alive`; that is when the pool grows.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <thread>

#include "core/base/guard.h"
#include "drivers/net/pool.h"

namespace orch::net {

struct Pool::State {
  explicit State(Limits given) : limits(given) {}

  /// Room for one who will need a thread; false at the limit or when stopping. Grows the pool.
  bool claim();
  void release();
  bool is_stopping() const;
  bool on_thread() const;

  const Limits limits;
  boost::asio::io_context context;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work = boost::asio::make_work_guard(context);

  mutable std::mutex mutex;  // all below
  std::condition_variable quiet;
  std::size_t unfinished = 0;
  bool stopping = false;
  std::map<std::thread::id, std::thread> threads;
  std::thread left;  // the last that ended idle; joined by the next that does

  /// A job, with what it holds let go of; what it throws is told.
  static void carry_out(Job& job);
  /// Serves the context; what is thrown between jobs is told.
  template <class F>
  static void serving(F serve) {
    while (!guarded("a pool's thread", serve)) {
    }
  }

  void serve_first();
  void serve_while_busy();
  void start(void (State::*serve)());  // under mutex
};

}  // namespace orch::net
