#include "drivers/log/lmdb/zero_filler.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/base/guard.h"

namespace orch {
namespace {

constexpr std::uint64_t low_water = 8u << 20, high_water = 24u << 20;
constexpr std::size_t piece = 128u << 10;
constexpr char zeros[piece] = {};

}  // namespace

ZeroFiller::ZeroFiller(const std::string& path, std::uint64_t used) : reserved_(used) {
  file_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  struct stat status {};
  if (file_ >= 0) fstat(file_, &status);
  filled_ = std::max<std::uint64_t>(static_cast<std::uint64_t>(status.st_size), used);
  while (filled_ < used + (1u << 20) && fill_some()) continue;
  thread_ = std::thread([this] {
    // Without it commits wait for the file system, no more.
    guarded("the zero filler of the log", [this] { run(); });
  });
}

ZeroFiller::~ZeroFiller() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_one();
  thread_.join();
  if (file_ >= 0) close(file_);
}

void ZeroFiller::reserve(std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  reserved_ += bytes;
  if (filled_ >= reserved_ || file_ < 0) return;
  struct stat status {};
  const auto end = static_cast<off_t>(reserved_);
  if (fstat(file_, &status) == 0 && status.st_size < end && ftruncate(file_, end) != 0) full_ = true;
}

void ZeroFiller::settle(std::uint64_t used) {
  std::lock_guard lock(mutex_);
  reserved_ = used;
  full_ = false;
  if (filled_ < reserved_ + low_water) wanted_.notify_one();
}

// Holds the lock for one small piece at a time, so that a commit never waits long.
void ZeroFiller::run() {
  std::unique_lock lock(mutex_);
  bool filling = true;
  while (!stopping_) {
    filling = filled_ < reserved_ + (filling ? high_water : low_water);
    if (full_ || !filling) {
      wanted_.wait(lock);
      continue;
    }
    full_ = !fill_some();
    lock.unlock();
    std::this_thread::yield();
    lock.lock();
  }
}

bool ZeroFiller::fill_some() {
  if (file_ < 0) return false;
  filled_ = std::max(filled_, reserved_);  // a large batch reaches further: the gap is the file system's
  const ssize_t wrote = pwrite(file_, zeros, piece, static_cast<off_t>(filled_));
  if (wrote <= 0) return false;
  filled_ += static_cast<std::uint64_t>(wrote);
  return true;
}

}  // namespace orch
