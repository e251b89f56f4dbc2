#include "projections/change_set.h"

#include <algorithm>
#include <cstring>

#include "core/base/assert.h"

namespace orch {
namespace {

/// Decides most comparisons: the table and the first seven bytes of the key, as a number.
std::uint64_t prefix_of(const Change& change) {
  unsigned char bytes[8] = {static_cast<unsigned char>(change.table)};
  std::memcpy(bytes + 1, change.key.data(), std::min<std::size_t>(7, change.key.size()));
  std::uint64_t prefix = 0;
  for (unsigned char byte : bytes) prefix = prefix << 8 | byte;
  return prefix;
}

}  // namespace

std::string_view ChangeSet::keep(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (bytes.size() > block_size - used_) {
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(std::max(block_size, bytes.size())));
    used_ = 0;
  }
  char* at = blocks_.back().get() + used_;
  std::memcpy(at, bytes.data(), bytes.size());
  used_ = std::min(block_size, used_ + bytes.size());  // what is larger than a block has one that is full at once
  return {at, bytes.size()};
}

std::span<const Change> ChangeSet::sorted() {
  struct Position {
    std::uint64_t prefix;
    std::uint32_t change;
  };
  std::vector<Position> order(changes_.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = {prefix_of(changes_[i]), i};
  std::sort(order.begin(), order.end(), [&](const Position& a, const Position& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    const int keys = changes_[a.change].key.compare(changes_[b.change].key);
    return keys != 0 ? keys < 0 : a.change < b.change;
  });
  sorted_.clear();
  for (const Position& position : order) {
    const Change& change = changes_[position.change];
    if (!sorted_.empty() && sorted_.back().table == change.table && sorted_.back().key == change.key)
      sorted_.pop_back();
    sorted_.push_back(change);
  }
  ORCH_ASSERT(sorted_.size() <= changes_.size(), "of each key one change is left");
  return sorted_;
}

void ChangeSet::clear() {
  changes_.clear();
  sorted_.clear();
  if (blocks_.size() > 1) blocks_.resize(1);
  used_ = blocks_.empty() ? block_size : 0;
}

}  // namespace orch
