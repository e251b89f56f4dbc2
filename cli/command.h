// Commands of the program: one file each in cli/commands, one line each in the table (command_table.cc).
//
// A command's file says all about it: name, line in the overview, aliases, code. It declares its options on a
// CommandLine, has it parse the words, and works through an ApiClient; it has no other door to the cluster.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_line.h"

namespace orch::cli {

struct Command {
  const char* name;                ///< "job run"; words after it belong to the command
  const char* summary;             ///< one line for the list of commands; empty for an alias, which the list leaves out
  int (*run)(const Words& words);  ///< the words after the name → the exit code
  std::vector<const char*> aliases;  ///< other names of it, such as "run"
};

/// All commands and aliases, sorted by name; no name is there twice.
const std::vector<Command>& commands();

/// The command of exactly that name or alias, or null.
const Command* find_command(std::string_view name);

/// Whether Nomad has a command of that name and orch has not yet.
bool is_later(std::string_view name);

/// Options that every command of the API takes.
struct GeneralOptions {
  static constexpr const char* default_address = "http://127.0.0.1:4646";
  std::string address;  ///< ORCH_ADDR, NOMAD_ADDR or http://127.0.0.1:4646
  std::string region, ns, token;

  void add_to(CommandLine& line);
};

}  // namespace orch::cli
