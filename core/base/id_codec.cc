#include "core/base/id_codec.h"

#include "core/base/assert.h"
#include "core/base/hash.h"
#include "core/base/hex.h"

namespace orch {
namespace {

constexpr int rounds = 4;
constexpr std::uint32_t low_mask = (1u << 30) - 1;

std::uint16_t round_of(std::uint64_t key, int round, std::uint16_t half) {
  return static_cast<std::uint16_t>(mix(key + static_cast<std::uint64_t>(round), half) >> 17);
}

}  // namespace

IdCodec::IdCodec(std::string_view cluster_id) : key_(digest_text(cluster_id)) {
  ORCH_ASSERT(invert(permute(0x9e3779b9)) == 0x9e3779b9, "the first digits of an id lead back to its number");
}

// A Feistel network: whatever `round_of` is, each round can be taken back, so no two numbers share their digits.
std::uint32_t IdCodec::permute(std::uint32_t value) const {
  auto left = static_cast<std::uint16_t>(value >> 16), right = static_cast<std::uint16_t>(value);
  for (int i = 0; i < rounds; ++i) {
    const auto next = static_cast<std::uint16_t>(left ^ round_of(key_, i, right));
    left = right;
    right = next;
  }
  return static_cast<std::uint32_t>(left) << 16 | right;
}

std::uint32_t IdCodec::invert(std::uint32_t value) const {
  auto left = static_cast<std::uint16_t>(value >> 16), right = static_cast<std::uint16_t>(value);
  for (int i = rounds - 1; i >= 0; --i) {
    const auto before = static_cast<std::uint16_t>(right ^ round_of(key_, i, left));
    right = left;
    left = before;
  }
  return static_cast<std::uint32_t>(left) << 16 | right;
}

std::array<char, 36> IdCodec::text(IdKind kind, std::uint32_t number) const {
  const auto k = static_cast<std::uint32_t>(kind);
  const std::uint64_t high = mix(key_ ^ (k + 1), number), low = mix(high, number);
  std::array<char, 36> text;
  char* at = text.data();
  const auto digits = [&](std::uint64_t value, int count) {
    for (int shift = 4 * (count - 1); shift >= 0; shift -= 4) *at++ = hex_digits[value >> shift & 15];
  };
  digits(permute(k << 30 | (number & low_mask)), 8);
  *at++ = '-';
  digits(high >> 48, 4);
  *at++ = '-';
  digits(high >> 32 & 0xffff, 4);
  *at++ = '-';
  digits(high >> 16 & 0xffff, 4);
  *at++ = '-';
  digits((high & 0xffff) << 32 | low >> 32, 12);
  ORCH_ASSERT(at == text.data() + text.size(), "an id has 36 characters");
  return text;
}

void IdCodec::append_uuid(std::string& out, IdKind kind, std::uint32_t number) const {
  const auto text = this->text(kind, number);
  out.append(text.data(), text.size());
}

std::string IdCodec::uuid(IdKind kind, std::uint32_t number) const {
  const auto text = this->text(kind, number);
  return std::string(text.data(), text.size());
}

std::optional<IdCodec::Lead> IdCodec::lead(std::string_view eight_digits) const {
  std::uint32_t value = 0;
  if (eight_digits.size() < 8) return {};
  for (char c : eight_digits.substr(0, 8)) {
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint32_t>(c - 'A' + 10);
    } else {
      return {};
    }
    value = value << 4 | digit;
  }
  const std::uint32_t inner = invert(value);
  if (inner >> 30 > 2) return {};
  return Lead{static_cast<IdKind>(inner >> 30), inner & low_mask};
}

std::optional<std::uint32_t> IdCodec::number(IdKind kind, std::string_view uuid_text) const {
  if (uuid_text.size() != 36) return {};
  const auto found = lead(uuid_text);
  if (!found || found->kind != kind) return {};
  for (std::uint64_t n = found->low; n < 0xffffffff; n += 1ull << 30) {
    if (uuid(kind, static_cast<std::uint32_t>(n)) == uuid_text) return static_cast<std::uint32_t>(n);
  }
  return {};
}

}  // namespace orch
