// A checksum of bytes at rest: notices what a disk or a careless copy changes, not what somebody forges.
//
// It is XXH3 (64 bits), which gives the same on every machine. Part of the formats of the embedded log and of
// snapshots, and of the records (a request's digest under its idempotency key): never change it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace orch {

/// The seed is what else the sum is about, such as where the bytes belong.
std::uint64_t checksum(std::string_view bytes, std::uint64_t seed = 0);

inline std::uint64_t checksum(const char* data, std::size_t size) { return checksum(std::string_view(data, size)); }

}  // namespace orch
