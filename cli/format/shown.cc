#include "cli/format/shown.h"

#include <cstdio>

#include "cli/format/color.h"

namespace orch::cli {

std::string shown_id(const std::string& id, bool verbose) { return verbose ? id : id.substr(0, 8); }

std::string or_none(const std::string& text) { return text.empty() ? "<none>" : text; }

void print_line(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

void print_section(const std::string& title) { print_line("\n" + bold(title)); }

int complain(const std::string& message) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s\n", message.c_str());
  return 1;
}

}  // namespace orch::cli
