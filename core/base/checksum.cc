#include "core/base/checksum.h"

// All of it in this file: no library to link, and nothing of it outside.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace orch {

std::uint64_t checksum(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace orch
