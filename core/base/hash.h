// A 64-bit mixing step and a text hash: for state digests and ids, not for secrets.
//
// The mixing function is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014). Results are part of the log's
// meaning (ids, state hashes): never change them.
#pragma once

#include <cstdint>
#include <string_view>

namespace orch {

constexpr std::uint64_t mix(std::uint64_t h, std::uint64_t value) {
  std::uint64_t z = h + 0x9e3779b97f4a7c15ull + value * 0xd1342543de82ef95ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

constexpr std::uint64_t digest_text(std::string_view text) {
  std::uint64_t h = text.size();
  for (char c : text) h = mix(h, static_cast<unsigned char>(c));
  return h;
}

}  // namespace orch
