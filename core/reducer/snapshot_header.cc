// A snapshot's header: 128 bytes at fixed offsets, so that the beginning of a file says whether it is worth
// reading.
#include <array>
#include <cstring>

#include "core/base/assert.h"
#include "core/base/checksum.h"
#include "core/reducer/fold.h"
#include "core/reducer/snapshot.h"

namespace orch {
namespace {

constexpr char magic[9] = "ORCHSNAP";
constexpr std::size_t log_id_max = 64, checked = SnapshotHeader::size - sizeof(std::uint64_t);

template <class T>
void put(std::array<char, SnapshotHeader::size>& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}
template <class T>
T get(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

}  // namespace

std::string SnapshotHeader::encode() const {
  ORCH_ASSERT(log_id.size() <= log_id_max, "a log's id fits into a snapshot's header");
  std::array<char, size> bytes{};
  std::memcpy(bytes.data(), magic, 8);
  put(bytes, 8, snapshot_format);
  put(bytes, 12, rules);
  put(bytes, 14, static_cast<std::uint16_t>(log_id.size()));
  put(bytes, 16, index);
  put(bytes, 24, hash);
  put(bytes, 32, body_size);
  put(bytes, 40, body_checksum);
  std::memcpy(bytes.data() + 48, log_id.data(), log_id.size());
  put(bytes, checked, checksum(bytes.data(), checked));
  return {bytes.data(), bytes.size()};
}

std::expected<SnapshotHeader, std::string> SnapshotHeader::decode(std::string_view bytes) {
  if (bytes.size() < size || bytes.substr(0, 8) != std::string_view(magic, 8))
    return std::unexpected("it is no snapshot");
  if (get<std::uint64_t>(bytes, checked) != checksum(bytes.data(), checked))
    return std::unexpected("its header is damaged");
  const auto format = get<std::uint32_t>(bytes, 8);
  if (format != snapshot_format) {
    return std::unexpected("it has format " + std::to_string(format) + ", and this build reads " +
                           std::to_string(snapshot_format));
  }
  SnapshotHeader header{.log_id = {},
                        .index = get<LogIndex>(bytes, 16),
                        .rules = get<std::uint16_t>(bytes, 12),
                        .hash = get<std::uint64_t>(bytes, 24),
                        .body_size = get<std::uint64_t>(bytes, 32),
                        .body_checksum = get<std::uint64_t>(bytes, 40)};
  const auto length = get<std::uint16_t>(bytes, 14);
  if (length > log_id_max) return std::unexpected("its header is damaged");
  header.log_id = bytes.substr(48, length);
  if (header.rules > newest_rules) {
    return std::unexpected("it was made under rules " + std::to_string(header.rules) +
                           ", and this build knows rules up to " + std::to_string(newest_rules));
  }
  return header;
}

}  // namespace orch
