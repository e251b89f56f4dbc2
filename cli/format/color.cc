#include "cli/format/color.h"

#include <unistd.h>

#include <cstdlib>

namespace orch::cli {
namespace {

bool wanted_ = true;

std::string in(const char* code, const std::string& text) {
  return color() && !text.empty() ? std::string("\x1b[") + code + "m" + text + "\x1b[0m" : text;
}

}  // namespace

void set_color(bool wanted) { wanted_ = wanted; }
bool color() {
  static const bool terminal = [] {
    for (const char* name : {"NO_COLOR", "NOMAD_CLI_NO_COLOR"}) {
      if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return false;
    }
    return isatty(STDOUT_FILENO) != 0;
  }();
  return terminal && wanted_;
}

std::string bold(const std::string& text) { return in("1", text); }
std::string red(const std::string& text) { return in("31", text); }
std::string green(const std::string& text) { return in("32", text); }
std::string yellow(const std::string& text) { return in("33", text); }
std::string light_yellow(const std::string& text) { return in("93", text); }
std::string blue(const std::string& text) { return in("34", text); }

}  // namespace orch::cli
