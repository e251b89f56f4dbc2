// orch completion bash|zsh|fish|install|uninstall: completion of commands, options and ids in a shell.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "cli/command.h"
#include "cli/format/shown.h"

namespace orch::cli {
namespace {

std::string own_path() {
  char path[4096];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<std::size_t>(length)) : "orch";
}

std::string lines_for(const std::string& shell, const std::string& program) {
  if (shell == "bash") return "complete -o default -C " + program + " orch\n";
  if (shell == "zsh")
    return "autoload -U +X bashcompinit && bashcompinit\ncomplete -o default -C " + program + " orch\n";
  if (shell == "fish") {
    return "complete -c orch -f -a '(env COMP_LINE=(commandline -cp) " + program + ")'\n";
  }
  return {};
}

struct Place {
  const char* shell;
  const char* file;  // below the home folder
};
constexpr Place places[] = {{"bash", ".bashrc"}, {"zsh", ".zshrc"}, {"fish", ".config/fish/completions/orch.fish"}};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return static_cast<bool>(file);
}

std::string without(const std::string& text, const std::string& program_line_end) {
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const std::string line = text.substr(begin, end - begin);
    const bool ours = line.starts_with("complete -o default -C ") && line.ends_with(program_line_end);
    if (!ours) out += line;
    begin = end;
  }
  return out;
}

int change(bool install) {
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0')
    return complain("HOME is not set: print the lines with orch completion bash|zsh|fish");
  int changed = 0;
  for (const Place& place : places) {
    const std::string path = std::string(home) + "/" + place.file;
    const bool fish = std::string(place.shell) == "fish";
    const bool there = access((fish ? std::string(home) + "/.config/fish" : path).c_str(), F_OK) == 0;
    if (!there) continue;
    const std::string before = content_of(path);
    std::string after = fish ? "" : without(before, " orch\n");
    if (install) {
      if (!after.empty() && after.back() != '\n') after += '\n';
      after += lines_for(place.shell, own_path());
    }
    if (after == before) continue;
    if (fish && !install) {
      std::remove(path.c_str());
    } else if (!write(path, after)) {
      return complain("Failed to write " + path);
    }
    print_line(std::string(install ? "Completion installed in " : "Completion removed from ") + path);
    ++changed;
  }
  if (changed == 0)
    print_line(install ? "Completion is installed already, or no shell's start file was found"
                       : "Completion was not installed");
  if (changed != 0 && install) print_line("It is there in the next shell that you start.");
  return 0;
}

int run(const Words& words) {
  CommandLine app{
      "Completion of commands, options and ids: prints the lines for a shell, or puts them into the start files of\n"
      "the shells that are used here (install) or takes them out again (uninstall).",
      "orch completion"};
  std::string what;
  app.add_argument("bash|zsh|fish|install|uninstall", what, "A shell, or what to do with the start files",
                   Need::required);
  app.add_example("eval \"$(orch completion bash)\"");
  app.add_example("orch completion install");
  if (auto over = app.parse(words)) return *over;
  if (what == "install" || what == "uninstall") return change(what == "install");
  const std::string lines = lines_for(what, own_path());
  if (lines.empty()) return app.misused("no lines are known for the shell \"" + what + "\"");
  std::fputs(lines.c_str(), stdout);
  return 0;
}

}  // namespace

Command completion_command() { return {"completion", "Completion of commands, options and ids in a shell", run}; }

}  // namespace orch::cli
