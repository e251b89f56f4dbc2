// The program `orch`: finds the command that the words name and runs it.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "cli/command.h"
#include "core/base/assert.h"
#include "core/jobspec/diagnostic.h"

namespace orch::cli {
namespace {

void report_bug(const char* expression, const char* meaning, const char* file, int line) {
  std::fprintf(stderr, "orch: a bug: %s does not hold: %s (%s:%d)\n", meaning, expression, file, line);
}

std::string overview() {
  std::string out = "Usage: orch [-version] [-help] <command> [options] [arguments]\n\nCommands:\n";
  for (const Command& c : commands()) {
    if (*c.summary == '\0') continue;
    std::string name = c.name;
    name.resize(std::max<std::size_t>(name.size() + 2, 22), ' ');
    out += "    " + name + c.summary + "\n";
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

int run(Words words) {
  if (words.empty()) {
    std::fputs(overview().c_str(), stderr);
    return 127;
  }
  const std::string first = words[0];
  if (first == "-h" || first == "-help" || first == "--help" || first == "help") {
    std::fputs(overview().c_str(), stdout);
    return 0;
  }
  if (first == "-v" || first == "-version" || first == "--version") words[0] = "version";
  std::size_t used = 0;
  if (const Command* command = find(words, used)) {
    return command->run(Words(words.begin() + static_cast<std::ptrdiff_t>(used), words.end()));
  }
  std::vector<std::string> names, of_group;
  for (const Command& c : commands()) {
    names.emplace_back(c.name);
    if (std::string(c.name).starts_with(first + " ")) of_group.emplace_back(std::string(c.name) + "\n        " + c.summary);
  }
  if (!of_group.empty() && (words.size() == 1 || words[1].starts_with("-"))) {
    std::string out = "Usage: orch " + first + " <subcommand> [options] [arguments]\n\nSubcommands:\n";
    for (const std::string& line : of_group) out += "    orch " + line + "\n";
    const bool help = words.size() > 1 && words[1].find("help") != std::string::npos;
    std::fputs(out.c_str(), help ? stdout : stderr);
    return help ? 0 : 127;
  }
  const std::string asked = words.size() > 1 && !of_group.empty() ? first + " " + words[1] : first;
  const std::string close = nearest(asked, names);
  std::fprintf(stderr, "orch has no command \"%s\"%s\nFor a list: orch -help\n", asked.c_str(),
               close.empty() ? "" : ("; did you mean \"" + close + "\"?").c_str());
  return 127;
}

}  // namespace
}  // namespace orch::cli

int main(int argc, char** argv) {
  orch::set_assert_reporter(orch::cli::report_bug);
  return orch::cli::run(orch::cli::Words(argv + 1, argv + argc));
}
