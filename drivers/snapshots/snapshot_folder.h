// Snapshots of the reducer's state as files: `DATA_DIR/snapshots/INDEX.snapshot`, the newest two.
//
// A file appears whole or not at all (written beside, flushed, renamed). Nothing depends on one being there: a damaged,
// foreign or newer one is passed over with a line for the agent's log, and the log is folded instead.
// It keeps nothing in memory, so that one may be read while another is written.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/reducer/snapshot.h"

namespace orch {

class SnapshotFolder {
 public:
  /// Told why a file is passed over.
  using Complaint = std::function<void(const std::string&)>;

  /// The folder is made when it is first written to.
  explicit SnapshotFolder(std::string folder, Complaint complaint = {});

  struct Found {
    std::string path;
    SnapshotHeader header;
  };
  /// Snapshots of this log whose header is good, newest first.
  std::vector<Found> list(const std::string& log_id) const;

  /// The newest good state of this log at or before `most`; null when there is none.
  std::unique_ptr<State> newest(const std::string& log_id, LogIndex most) const;

  /// Writes one and removes those that are older than the newest two.
  std::expected<void, std::string> save(LogIndex index, const std::string& snapshot);

 private:
  void complain(const std::string& path, const std::string& why) const;
  void remove_old() const;

  std::string folder_;
  Complaint complaint_;
};

}  // namespace orch
