// orch version
#include "cli/version.h"

#include <cstdio>

#include "cli/command.h"

namespace orch::cli {
namespace {

int run(const Words& words) {
  CommandLine app{"Prints the version.", "orch version"};
  app.add_example("orch version");
  if (auto over = app.parse(words)) return *over;
  std::printf("orch v%s\n", version_number);
  return 0;
}

}  // namespace

Command version_command() { return {"version", "Prints the version", run}; }

}  // namespace orch::cli
