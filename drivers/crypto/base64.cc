#include "drivers/crypto/base64.h"

#include <openssl/evp.h>

#include <algorithm>
#include <limits>

#include "core/base/assert.h"

namespace orch {

std::string base64(std::string_view bytes) {
  ORCH_ASSERT(bytes.size() <= std::numeric_limits<int>::max() / 2, "OpenSSL counts bytes as an int");
  // It writes a zero after the text, which is where std::string has its own.
  std::string out((bytes.size() + 2) / 3 * 4, '\0');
  const int written =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  ORCH_ASSERT(written >= 0 && static_cast<std::size_t>(written) == out.size(), "three bytes are four characters");
  return out;
}

std::string base64url(std::string_view bytes) {
  std::string out = base64(bytes);
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string given;
  for (const char c : text) {
    if (c != '\n' && c != '\r') given += c == '-' ? '+' : c == '_' ? '/' : c;
  }
  while (given.ends_with('=')) given.pop_back();
  const std::size_t padding = (4 - given.size() % 4) % 4;
  // OpenSSL takes whole groups of four, and would take padding and spaces within the text.
  if (padding == 3 || given.find_first_of("= \t") != std::string::npos) return {};
  if (given.size() > static_cast<std::size_t>(std::numeric_limits<int>::max() / 2)) return {};
  given.append(padding, '=');
  std::string out(given.size() / 4 * 3, '\0');
  const int written =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(given.data()), static_cast<int>(given.size()));
  if (written < 0) return {};
  ORCH_ASSERT(static_cast<std::size_t>(written) == out.size(), "four characters are three bytes, padding included");
  out.resize(out.size() - padding);
  return out;
}

}  // namespace orch
