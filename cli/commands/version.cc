// orch version
#include <cstdio>

#include "cli/commands/commands.h"
#include "cli/version.h"

namespace orch::cli {

int run_version(const Words& words) {
  CommandLine app{"Prints the version.", "orch version"};
  app.add_example("orch version");
  if (auto over = app.parse(words)) return *over;
  std::printf("orch v%s\n", version_number);
  return 0;
}

}  // namespace orch::cli
