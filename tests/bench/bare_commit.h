// What the disk allows: durable LMDB commits of one value each, appended to a file that is filled with zeros ahead, as
// the log's is. The yardstick of a durable command.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace orch::bench {

class BareCommit {
 public:
  explicit BareCommit(const std::string& folder);
  ~BareCommit();
  BareCommit(const BareCommit&) = delete;
  BareCommit& operator=(const BareCommit&) = delete;

  /// Milliseconds of each of `count` commits of `size` bytes.
  std::vector<double> run(int count, std::size_t size);

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace orch::bench
