// What a flush writes: changes of rows, gathered in the order in which they happened, given out sorted by table and key
// with the last change of each key only.
//
// Keys and values are copied into blocks that live until `clear`, so a change costs no allocation of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "projections/table_port.h"

namespace orch {

class ChangeSet {
 public:
  void put(Table table, std::string_view key, std::string_view value) { add({table, false, keep(key), keep(value)}); }
  void erase(Table table, std::string_view key) { add({table, true, keep(key), {}}); }

  /// Valid until the next change.
  std::span<const Change> sorted();
  void clear();

 private:
  void add(const Change& change) { changes_.push_back(change); }
  std::string_view keep(std::string_view bytes);

  static constexpr std::size_t block_size = 1 << 20;
  std::vector<Change> changes_, sorted_;
  std::vector<std::unique_ptr<char[]>> blocks_;  // the last one is being filled
  std::size_t used_ = block_size;                // of the last block
};

}  // namespace orch
