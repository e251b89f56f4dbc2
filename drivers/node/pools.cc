#include "drivers/node/pools.h"

#include "drivers/net/timers.h"

namespace orch::client {

std::size_t Pools::drain(Duration most) {
  const Elapsed until = net::boot_time() + most;
  std::size_t left = 0;
  for (net::Pool* pool : {&requests, &waits, &calls}) left += pool->drain(until - net::boot_time());
  return left;
}

}  // namespace orch::client
