#include "drivers/crypto/random_uuid.h"

#include <sys/random.h>

#include "core/base/assert.h"

namespace orch {

std::string random_uuid() {
  unsigned char bytes[16];
  ORCH_ASSERT(::getrandom(bytes, sizeof bytes, 0) == sizeof bytes, "the kernel hands out random bytes");
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

}  // namespace orch
