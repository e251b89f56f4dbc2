#include "drivers/log/lmdb/batch_row.h"

#include <cstring>
#include <limits>

#include "core/base/assert.h"
#include "core/base/checksum.h"

namespace orch {
namespace {

constexpr std::uint32_t row_mark = 0x0042524f | log_format << 24;  // "ORB" and the format

struct Header {
  std::uint64_t checksum;
  std::uint32_t mark;
  std::uint32_t count;
};
static_assert(sizeof(Header) == 16, "groups stand at multiples of 8");

constexpr std::size_t aligned(std::size_t n) { return (n + 7) & ~std::size_t{7}; }
constexpr std::size_t groups_at(std::size_t count) { return sizeof(Header) + aligned(count * sizeof(std::uint32_t)); }

std::uint64_t checksum_of(LogIndex first, std::string_view row) {
  return checksum(row.substr(sizeof(Header::checksum)), first);
}

}  // namespace

std::size_t BatchRow::size_of(std::span<const Bytes> groups) {
  std::size_t size = groups_at(groups.size());
  for (Bytes g : groups) size += aligned(g.size());
  return size;
}

void BatchRow::fill(std::string& row, LogIndex first, std::span<const Bytes> groups) {
  ORCH_ASSERT(!groups.empty() && groups.size() <= std::numeric_limits<std::uint32_t>::max(), "a row holds groups");
  ORCH_ASSERT(first != 0, "indexes begin with 1");
  row.assign(size_of(groups), '\0');
  std::size_t length_at = sizeof(Header), at = groups_at(groups.size());
  for (Bytes g : groups) {
    ORCH_ASSERT(g.size() <= group_bytes_max, "a group is as large as the port says at most");
    const auto length = static_cast<std::uint32_t>(g.size());
    std::memcpy(row.data() + length_at, &length, sizeof length);
    if (!g.empty()) std::memcpy(row.data() + at, g.data(), g.size());
    length_at += sizeof length;
    at += aligned(g.size());
  }
  ORCH_ASSERT(at == row.size(), "the groups fill the row");
  Header header{0, row_mark, static_cast<std::uint32_t>(groups.size())};
  std::memcpy(row.data(), &header, sizeof header);
  header.checksum = checksum_of(first, row);
  std::memcpy(row.data(), &header.checksum, sizeof header.checksum);
}

std::expected<BatchRow, std::string> BatchRow::open(LogIndex first, std::string_view row) {
  Header header;
  if (row.size() < sizeof header) return std::unexpected("is shorter than its header");
  std::memcpy(&header, row.data(), sizeof header);
  if (header.checksum != checksum_of(first, row)) return std::unexpected("does not match its checksum");
  // What follows is true of every row that `fill` made. It is looked at all the same: a checksum of 64 bits may hold by
  // accident, and reading beyond the row must not.
  const BatchRow opened(first, row, header.count);
  bool whole = header.mark == row_mark && header.count != 0 && row.size() >= groups_at(header.count);
  std::size_t at = groups_at(header.count);
  for (std::uint32_t i = 0; whole && i < header.count; ++i) {
    at += aligned(opened.length(i));
    whole = at <= row.size();
  }
  if (!whole || at != row.size()) return std::unexpected("has lengths that do not fit it");
  return opened;
}

std::uint32_t BatchRow::length(std::uint32_t i) const {
  std::uint32_t length;
  std::memcpy(&length, row_.data() + sizeof(Header) + i * sizeof length, sizeof length);
  return length;
}

bool BatchRow::each(LogIndex from, const Log::Visitor& visit) const {
  std::size_t at = groups_at(count_);
  for (std::uint32_t i = 0; i < count_; ++i) {
    const std::uint32_t size = length(i);
    if (first_ + i >= from && !visit(first_ + i, {reinterpret_cast<const std::byte*>(row_.data() + at), size})) {
      return false;
    }
    at += aligned(size);
  }
  return true;
}

}  // namespace orch
