// Whether bytes are text: well-formed UTF-8 without NUL.
#pragma once

#include <cstddef>
#include <string_view>

namespace orch {

/// Index of the first byte that begins no well-formed UTF-8 sequence or is NUL; npos when all is well.
constexpr std::size_t bad_byte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == 0) return i;
    std::size_t more = c < 0x80                ? 0
                       : c >= 0xc2 && c < 0xe0 ? 1
                       : c >= 0xe0 && c < 0xf0 ? 2
                       : c >= 0xf0 && c < 0xf5 ? 3
                                               : 9;
    if (more == 9 || i + more >= text.size() + (more == 0 ? 1 : 0)) return i;
    for (std::size_t k = 1; k <= more; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return i;
    }
    // Longer than need be, half of a surrogate pair, or beyond the last character.
    const auto second = more != 0 ? static_cast<unsigned char>(text[i + 1]) : 0;
    if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second >= 0xa0) || (c == 0xf0 && second < 0x90) ||
        (c == 0xf4 && second >= 0x90))
      return i;
    i += more + 1;
  }
  return std::string_view::npos;
}

}  // namespace orch
