#include "drivers/crypto/sha256.h"

#include <openssl/evp.h>

#include "core/base/assert.h"

namespace orch {

std::string sha256(std::string_view text) {
  std::string out(32, '\0');
  unsigned int size = 0;
  const int done =
      EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(out.data()), &size, EVP_sha256(), nullptr);
  ORCH_ASSERT(done == 1 && size == out.size(), "SHA-256 can always be computed");
  return out;
}

}  // namespace orch
