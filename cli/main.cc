// The program `orch`: finds the command that the words name and runs it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "cli/command.h"
#include "cli/completion.h"
#include "core/base/assert.h"
#include "core/base/format.h"
#include "core/base/guard.h"
#include "core/jobspec/diagnostic.h"

namespace orch::cli {
namespace {

void report_bug(const char* expression, const char* meaning, const char* file, int line) {
  std::fprintf(stderr, "orch: a bug: %s does not hold: %s (%s:%d)\n", meaning, expression, file, line);
}

void report_exception(std::string_view doing, const char* what) {
  std::fprintf(stderr, "orch: an exception ended %.*s: %s\n", static_cast<int>(doing.size()), doing.data(), what);
}

std::string in_two_columns(const std::string& name, const std::string& text, std::size_t width = 20) {
  return fmt::format("    {:<{}}  {}\n", name, width, text);
}

// The commands that begin with a word, one a line.
std::string commands_of(const std::string& group) {
  std::vector<std::pair<std::string, std::string>> lines;
  std::size_t width = 20;
  for (const Command& c : commands()) {
    if (!std::string(c.name).starts_with(group + " ")) continue;
    lines.emplace_back("orch " + std::string(c.name), c.summary);
    width = std::max(width, lines.back().first.size());
  }
  std::string out;
  for (const auto& [name, summary] : lines) out += in_two_columns(name, summary, width);
  return out;
}

// What may have been meant: the first word is held against first words, the second against those that follow it.
std::string suggestion(const std::string& first, const std::string& second) {
  std::vector<std::string> heads, of_group;
  for (const Command& c : commands()) {
    const std::string name = c.name;
    heads.push_back(name.substr(0, name.find(' ')));
  }
  const std::string head = commands_of(first).empty() ? nearest(first, heads) : first;
  for (const Command& c : commands()) {
    if (!head.empty() && std::string(c.name).starts_with(head + " ")) of_group.emplace_back(c.name);
  }
  const std::string whole = second.empty() ? "" : nearest(head + " " + second, of_group);
  return whole.empty() && head != first ? head : whole;
}

std::string overview() {
  std::string out =
      "Usage: orch [-version] [-help] [-autocomplete-(un)install] <command> [args]\n\n"
      "Common commands:\n";
  out += in_two_columns("run", "Runs a job, new or changed");
  out += in_two_columns("plan", "Shows what running a job would do");
  out += in_two_columns("status", "Shows jobs, or whatever an id names");
  out += in_two_columns("logs", "Prints or follows a task's output");
  out += in_two_columns("stop", "Stops a job");
  out += in_two_columns("agent -dev", "Starts a server and a node, to try things out");
  out += "\nAll commands:\n";
  for (const Command& c : commands()) {
    if (*c.summary != '\0') out += in_two_columns(c.name, c.summary);
  }
  return out + "\nEach command explains itself: orch <command> -help\n";
}

// The longest command name that the words begin with.
const Command* find(const Words& words, std::size_t& used) {
  const Command* found = nullptr;
  for (const Command& c : commands()) {
    const std::string name = c.name;
    const bool two = name.find(' ') != std::string::npos;
    const bool fits = two ? words.size() > 1 && words[0] + " " + words[1] == name : words[0] == name;
    if (!fits) continue;
    const std::size_t length = two ? 2 : 1;
    if (found == nullptr || length > used) {
      found = &c;
      used = length;
    }
  }
  return found;
}

bool asks_for_help(const std::string& word) {
  return word == "-h" || word == "-help" || word == "--help" || word == "--h";
}

int no_such(const Words& words) {
  const std::string first = words[0];
  const std::string of_group = commands_of(first);
  const bool help = words.size() > 1 && asks_for_help(words[1]);
  if (!of_group.empty() && (words.size() == 1 || words[1].starts_with("-"))) {
    const std::string text = fmt::format(
        "Usage: orch {0} <subcommand> [options] [args]\n\nSubcommands:\n{1}\n"
        "Each command explains itself: orch {0} <subcommand> -help\n",
        first, of_group);
    std::fputs(text.c_str(), help ? stdout : stderr);
    return help ? 0 : 1;
  }
  const std::string asked = words.size() > 1 && !words[1].starts_with("-") ? first + " " + words[1] : first;
  if (is_later(asked)) {
    std::fprintf(stderr, "orch %s is not supported yet\nFor a list of what is: orch -help\n", asked.c_str());
    return 1;
  }
  const std::string close = suggestion(first, asked.substr(std::min(asked.size(), first.size() + 1)));
  const std::string wrong = of_group.empty() && close.find(' ') == std::string::npos ? first : asked;
  const std::string hint = close.empty() ? "" : "; did you mean \"" + close + "\"?";
  std::fputs(fmt::format("orch has no command \"{}\"{}\n\n", wrong, hint).c_str(), stderr);
  std::fputs(of_group.empty() ? overview().c_str() : ("Subcommands:\n" + of_group).c_str(), stderr);
  return 127;
}

int run(Words words) {
  if (words.empty()) {
    std::fputs(overview().c_str(), stderr);
    return 127;
  }
  const std::string first = words[0];
  if (asks_for_help(first) || first == "help") {
    std::fputs(overview().c_str(), stdout);
    return 0;
  }
  if (first == "-v" || first == "-version" || first == "--version") words[0] = "version";
  for (const char* dashes : {"-", "--"}) {
    if (first == std::string(dashes) + "autocomplete-install") words = {"completion", "install"};
    if (first == std::string(dashes) + "autocomplete-uninstall") words = {"completion", "uninstall"};
  }
  // General options may stand before the command, too.
  Words leading;
  while (words.size() > 1 && words[0].size() > 1 && words[0][0] == '-' && words[0] != "version") {
    const bool with_value = words[0].find('=') == std::string::npos && words[0].find("no-color") == std::string::npos;
    const std::size_t taken = with_value ? 2 : 1;
    leading.insert(leading.end(), words.begin(), words.begin() + static_cast<std::ptrdiff_t>(taken));
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(taken));
  }
  if (words.empty()) return no_such(leading);
  words.insert(words.end(), leading.begin(), leading.end());
  std::size_t used = 0;
  if (const Command* command = find(words, used)) {
    return command->run(Words(words.begin() + static_cast<std::ptrdiff_t>(used), words.end()));
  }
  return no_such(words);
}

}  // namespace
}  // namespace orch::cli

int main(int argc, char** argv) {
  orch::set_assert_reporter(orch::cli::report_bug);
  orch::set_exception_reporter(orch::cli::report_exception);
  if (const char* line = std::getenv("COMP_LINE"); line != nullptr) {
    const char* point = std::getenv("COMP_POINT");
    const std::size_t cursor = point != nullptr ? std::strtoul(point, nullptr, 10) : std::string::npos;
    return orch::cli::complete_line(std::string_view(line).substr(0, cursor));
  }
  int code = 1;
  orch::guarded("the command", [&] { code = orch::cli::run(orch::cli::Words(argv + 1, argv + argc)); });
  return code;
}
