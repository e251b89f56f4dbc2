// Commands of the program: one file each in cli/commands, one line each in the table (command_table.cc).
//
// A command declares its options on a CLI::App, hands the words to `parse` and works through an ApiClient; it has no other
// door to the cluster. Words come with one dash or two: they are rewritten before CLI11 sees them, so options are declared
// with two dashes, single letters too ("--n").
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

namespace orch::cli {

using Words = std::vector<std::string>;

struct Command {
  const char* name;      ///< "job run"; words after it belong to the command
  const char* summary;   ///< one line for the list of commands; empty hides an alias
  int (*run)(const Words& words);
};

/// All commands, sorted by name.
const std::vector<Command>& commands();

/// Options that every command of the API takes.
struct GeneralOptions {
  std::string address;  ///< ORCH_ADDR, NOMAD_ADDR or http://127.0.0.1:4646
  std::string region, ns, token;
  bool no_color = false;

  void add_to(CLI::App& app);
};

/// "-x" → "--x"; numbers, "-" and what follows "--" stay.
Words with_two_dashes(const Words& words);

/// Reads the words into the app's options; an exit code when the command is over with that: 0 after help, `misuse`
/// after an error (with a message that names the option and a near one).
std::optional<int> parse(CLI::App& app, const Words& words, int misuse = 1);

/// Prints "MESSAGE" and where to find help on standard error; answers 1.
int usage_error(const CLI::App& app, const std::string& message);

}  // namespace orch::cli
