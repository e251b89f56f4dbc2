// The words after `orch agent`: those flags that were given; the rest stays with the files and the defaults.
//
// Declared on a CommandLine as the options of every command are, so that help, completion in a shell and what is said
// of a wrong word are the same everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.h"

namespace orch {

struct AgentOptions;

class AgentFlags {
 public:
  AgentFlags();

  /// Reads the words into the flags. May tell the terminal (`parse`) or nobody (`read`), as its owner needs.
  cli::CommandLine line;

  bool dev = false;
  std::vector<std::string> config;  ///< files and folders, in the order given

  /// Puts all but these two over what the options are by now. Answers what is wrong, or nothing.
  std::string put_over(AgentOptions& options) const;

 private:
  bool server_ = false, client_ = false, raw_exec_ = false, mock_driver_ = false;
  std::vector<std::string> servers_, meta_;
  std::optional<std::string> data_dir_, alloc_dir_, state_dir_, bind_, advertise_, node_, dc_, region_, node_class_,
      interface_, docker_socket_, log_level_;
  std::optional<std::int64_t> http_port_, network_speed_, cpu_total_, heartbeat_ttl_;
};

}  // namespace orch
