// The words after a command's name: its options and arguments, their help, their completion in a shell.
//
// A command declares what it takes, then calls `parse`, before it does anything else: completion runs it up to there
// only. Options come with one dash or two ("-json", "--json", "-n 3", "-n=3", "-detach=false"), before or after the
// arguments; they are declared without dashes. Of an option that is given twice the last one counts, as with Nomad. The
// header hides the parsing library, which is slow to compile and which nothing else includes.
#pragma once

#include <cstdint>
#include <expected>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace orch::cli {

using Words = std::vector<std::string>;

/// What a shell may offer for an argument.
enum class Offer : std::uint8_t { nothing, files, anything, jobs, allocations, nodes, evaluations, deployments };

/// Prints the candidates for an argument, one a line.
using OfferFunction = void (*)(Offer what, const std::string& prefix);

/// From now on `CommandLine::parse` completes the last of its words instead of reading them, and that is all that the
/// command does. For a shell's completion; called once, before any command runs.
void complete_with(OfferFunction offer);

enum class Need : std::uint8_t { required, optional };

class CommandLine {
 public:
  /// `name` as it is typed ("orch job run"); `summary` may have several lines.
  CommandLine(std::string summary, std::string name);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// `names`: "yes" or "yes,y". Texts after "!" switch it off: "diff,!no-diff".
  void add_flag(const std::string& names, bool& value, const std::string& help);
  void add_option(const std::string& names, std::string& value, const std::string& help);
  void add_option(const std::string& names, std::int64_t& value, const std::string& help);
  void add_option(const std::string& names, std::uint64_t& value, const std::string& help);
  /// Empty unless given.
  void add_option(const std::string& names, std::optional<std::string>& value, const std::string& help);
  void add_option(const std::string& names, std::optional<std::int64_t>& value, const std::string& help,
                  std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                  std::int64_t most = std::numeric_limits<std::int64_t>::max());
  /// May be given several times.
  void add_option(const std::string& names, std::vector<std::string>& values, const std::string& help);
  /// Arguments are taken in the order in which they are declared.
  void add_argument(const std::string& name, std::string& value, const std::string& help, Need need,
                    Offer offer = Offer::nothing);
  /// -no-color.
  void add_color_flag();
  /// What is declared while this is on is listed under "General options".
  void set_general(bool general) { general_ = general; }
  /// Lines for the end of the help.
  void add_example(const std::string& line) { examples_.push_back(line); }
  /// Words that it does not know are left alone.
  void allow_others();

  /// Reads the words, once, and tells nobody. The error says what is wrong, with the nearest known option; it is empty
  /// when help was asked for.
  std::expected<void, std::string> read(const Words& words);

  /// Reads the words; an exit code when the command is over with that: 0 after help, `misuse` after an error, which has
  /// been told.
  std::optional<int> parse(const Words& words, int misuse = 1);

  /// Tells what is wrong and where help is, on standard error; answers 1.
  int misused(const std::string& message) const;

  std::string help() const;

 private:
  struct Shown {
    std::string usage, help;
    bool general;
  };
  struct Argument {
    std::string name, help;
    Need need;
    Offer offer;
  };
  struct Parser;

  void show(const std::string& names, const std::string& help, bool takes_value);
  std::string unknown_words() const;
  int complete(const Words& words) const;

  std::string summary_, name_;
  bool general_ = false, no_color_ = false, read_ = false;
  std::vector<Shown> shown_;
  std::vector<Argument> arguments_;
  std::vector<std::string> examples_, names_, valued_;
  std::unique_ptr<Parser> parser_;
};

/// "-x" → "--x"; numbers, "-" and what follows "--" stay.
Words with_two_dashes(const Words& words);

}  // namespace orch::cli
