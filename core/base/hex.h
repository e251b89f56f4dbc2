// Numbers as hexadecimal digits, lower case; for ids, hashes and escapes, which hot paths write.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/assert.h"

namespace orch {

inline constexpr char hex_digits[] = "0123456789abcdef";

/// The lowest `digits` digits of the value, zeros included.
inline void append_hex(std::string& out, std::uint64_t value, int digits) {
  ORCH_ASSERT(digits > 0 && digits <= 16, "64 bits have 16 hexadecimal digits");
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += hex_digits[value >> shift & 15];
}

/// All 16 digits.
inline std::string hex(std::uint64_t value) {
  std::string out;
  append_hex(out, value, 16);
  return out;
}

}  // namespace orch
