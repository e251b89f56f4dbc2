// Ids that lead home: the UUID of an allocation, evaluation or deployment is computed from its number and back.
//
// The first 32 bits are a permutation (a Feistel network keyed by the cluster id) of (kind: 2 bits, n mod 2^30), the
// other 96 a hash of (cluster id, kind, n). So eight typed digits are inverted and checked instead of looked up, and no
// index by id exists anywhere. The mapping is part of what users keep (bookmarks, logs of other programs): never change
// it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace orch {

enum class IdKind : std::uint8_t { allocation = 0, evaluation = 1, deployment = 2 };

/// Immutable; cheap to make and copy.
class IdCodec {
 public:
  explicit IdCodec(std::string_view cluster_id);

  /// 36 characters, lower case.
  std::array<char, 36> text(IdKind kind, std::uint32_t number) const;
  std::string uuid(IdKind kind, std::uint32_t number) const;
  void append_uuid(std::string& out, IdKind kind, std::uint32_t number) const;

  /// The number behind a whole uuid of this cluster and kind; nothing for any other text.
  std::optional<std::uint32_t> number(IdKind kind, std::string_view uuid) const;

  /// What the first eight digits (no hyphen among them) say: kind and n mod 2^30. Nothing when they are no digits or
  /// carry no kind. The caller checks n, n + 2^30, … against the rest of the prefix.
  struct Lead {
    IdKind kind;
    std::uint32_t low;
  };
  std::optional<Lead> lead(std::string_view eight_digits) const;

 private:
  std::uint32_t permute(std::uint32_t value) const;
  std::uint32_t invert(std::uint32_t value) const;

  std::uint64_t key_;
};

}  // namespace orch
