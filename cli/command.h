// Commands of the program: one file each in cli/commands, one line each in the table (command_table.cc).
//
// A command declares its options on a CommandLine, has it parse the words, and works through an ApiClient; it has no
// other door to the cluster.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.h"

namespace orch::cli {

struct Command {
  const char* name;      ///< "job run"; words after it belong to the command
  const char* summary;   ///< one line for the list of commands; empty hides an alias
  int (*run)(const Words& words);
};

/// All commands, sorted by name.
const std::vector<Command>& commands();

/// Options that every command of the API takes.
struct GeneralOptions {
  static constexpr const char* default_address = "http://127.0.0.1:4646";
  std::string address;  ///< ORCH_ADDR, NOMAD_ADDR or http://127.0.0.1:4646
  std::string region, ns, token;

  void add_to(CommandLine& line);
};

}  // namespace orch::cli
