// A checksum of bytes at rest: notices what a disk or a careless copy changes, not what somebody forges.
//
// Part of the formats of the embedded log and of snapshots: never change it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/base/hash.h"

namespace orch {

inline std::uint64_t checksum(const char* data, std::size_t size) {
  std::uint64_t h = size;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, data + i, 8);
    h = mix(h, word);
  }
  std::uint64_t rest = 0;
  if (i < size) std::memcpy(&rest, data + i, size - i);
  return mix(h, rest);
}

}  // namespace orch
