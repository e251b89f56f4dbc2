#include "drivers/net/io_thread.h"

#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "core/base/assert.h"
#include "core/base/guard.h"
#include "drivers/clock/clock.h"

namespace orch::net {

namespace asio = boost::asio;
using Error = boost::system::error_code;

namespace {

thread_local const IoThread* current_thread = nullptr;

std::int64_t clock_ms() { return monotonic_ns() / 1'000'000; }

}  // namespace

struct IoThread::Impl {
  asio::io_context context{1};  // one thread runs it: no wake-ups among runners
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(context);
  asio::steady_timer timer{context};
  std::thread thread;

  std::mutex mutex;
  std::vector<Task> tasks;     // under mutex
  bool drain_posted = false;   // under mutex: one wake-up serves all tasks that come before it is answered
  bool stopped = false;        // under mutex
  std::vector<Task> running;   // the thread's; kept for its capacity
};

struct IoThread::Watch::Descriptor {
  asio::posix::stream_descriptor stream;
};

IoThread::Watch::Watch() = default;
IoThread::Watch::~Watch() { close(); }

bool IoThread::Watch::open(IoThread& thread, int fd) {
  auto descriptor = std::make_unique<Descriptor>(asio::posix::stream_descriptor(thread.impl_->context));
  Error error;
  descriptor->stream.assign(fd, error);
  if (error) {
    ::close(fd);
    return false;
  }
  descriptor_ = std::move(descriptor);
  fd_ = fd;
  return true;
}

void IoThread::Watch::wait_readable(std::shared_ptr<IoEvents> events) {
  descriptor_->stream.async_wait(asio::posix::stream_descriptor::wait_read,
                                 [events = std::move(events)](const Error& error) {
                                   if (error != asio::error::operation_aborted) events->on_readable();
                                 });
}

void IoThread::Watch::wait_writable(std::shared_ptr<IoEvents> events) {
  descriptor_->stream.async_wait(asio::posix::stream_descriptor::wait_write,
                                 [events = std::move(events)](const Error& error) {
                                   if (error != asio::error::operation_aborted) events->on_writable();
                                 });
}

void IoThread::Watch::close() {
  if (!descriptor_) return;
  Error ignored;
  descriptor_->stream.close(ignored);
  descriptor_.reset();
  fd_ = -1;
}

IoThread::IoThread() : impl_(std::make_unique<Impl>()), now_ms_(clock_ms()) {}

IoThread::~IoThread() { ORCH_ASSERT(!impl_->thread.joinable(), "an I/O thread is stopped before it is destroyed"); }

void IoThread::start(Duration tick, std::function<void()> on_tick) {
  tick_ms_ = std::max<std::int64_t>(1, tick.ns / 1'000'000);
  on_tick_ = std::move(on_tick);
  now_ms_ = clock_ms();
  impl_->thread = std::thread([this] { run(); });
}

void IoThread::run() {
  current_thread = this;
  tick();
  // Whoever waits for a socket guards itself (server_connection.h); this is for what is thrown beside them.
  while (!guarded("an I/O thread", [this] { impl_->context.run(); })) {
  }
  current_thread = nullptr;
}

void IoThread::tick() {
  now_ms_ = clock_ms();
  guarded("the tick of an I/O thread", on_tick_);
  impl_->timer.expires_after(std::chrono::milliseconds(tick_ms_));
  impl_->timer.async_wait([this](const Error& error) {
    if (!error) tick();
  });
}

bool IoThread::post(Task task) {
  std::lock_guard lock(impl_->mutex);
  if (impl_->stopped) return false;
  impl_->tasks.push_back(std::move(task));
  if (!impl_->drain_posted) {
    impl_->drain_posted = true;
    asio::post(impl_->context, [this] { run_tasks(); });
  }
  return true;
}

void IoThread::run_tasks() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->running.swap(impl_->tasks);
    impl_->drain_posted = false;
  }
  for (Task& task : impl_->running) guarded("a task of an I/O thread", task);
  impl_->running.clear();
}

bool IoThread::on_thread() const { return current_thread == this; }

void IoThread::stop() {
  ORCH_ASSERT(!on_thread(), "an I/O thread can't wait for its own end");
  std::vector<Task> dropped;  // outside the lock: what a task owns may post as it goes
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopped = true;
    dropped.swap(impl_->tasks);
  }
  impl_->context.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
  impl_->running.clear();
}

}  // namespace orch::net
