// orch_bench: measures what "how fast" asks for and prints it beside the goals. See tools/bench.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <set>

#include "tests/bench/bench.h"

namespace orch::bench {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  tools/bench                            all groups\n"
    "  tools/bench http replay                two of them\n"
    "  tools/bench placement --json           for a program to read\n"
    "  tools/bench --quick                    that they run: small, and no goal is judged\n"
    "  tools/bench --against OTHER/build      this build beside another one, as ratios (see tools/bench --against "
    "--help)";

int run(int argc, char** argv) {
  CLI::App app{"Prints figures and the goals beside them. Exits with 1 when a goal is missed.", "tools/bench"};
  std::set<std::string> groups;
  for (const Bench* bench : Bench::all()) groups.insert(bench->group);
  Setting setting;
  std::vector<std::string> chosen;
  std::string build, folder = std::filesystem::temp_directory_path().string();
  bool json = false, keep = false;
  app.add_option("GROUP", chosen, "Run these groups; all without one")->check(CLI::IsMember(groups));
  app.add_flag("--quick", setting.quick, "A small version of each: it says that the benches run, not how fast orch is");
  app.add_flag("--json", json, "JSON instead of a table");
  app.add_option("--folder", folder, "Where data folders are made: the disk that is measured")->capture_default_str();
  app.add_flag("--keep", keep, "Leave the data folders");
  app.add_option("--build", build, "The build folder that is measured")->required()->group("");  // tools/bench gives it
  app.footer(examples);
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  build = std::filesystem::absolute(build).string();
  setting.orch = build + "/cli/orch";
  setting.node_sim = build + "/tests/bench/node_sim";
  setting.placement_loop = build + "/tests/bench/placement_loop";
  setting.put_parts = build + "/tests/bench/put_parts";
  setting.figures.judge(!setting.quick);
  setting.folder = folder + "/orch-bench-XXXXXX";
  if (mkdtemp(setting.folder.data()) == nullptr) {
    std::fprintf(stderr, "--folder: a folder in %s can't be made\n", folder.c_str());
    return 2;
  }
  for (const std::string& group : groups) {
    if (!chosen.empty() && std::ranges::find(chosen, group) == chosen.end()) continue;
    for (const Bench* bench : Bench::all()) {
      if (bench->group == group) bench->run(setting);
    }
  }
  std::fputs((json ? setting.figures.json() : setting.figures.table()).c_str(), stdout);
  std::error_code error;
  if (keep) {
    std::fprintf(stderr, "the data folders are in %s\n", setting.folder.c_str());
  } else {
    std::filesystem::remove_all(setting.folder, error);
  }
  if (setting.quick) std::fprintf(stderr, "small versions: no goal is judged\n");
  if (setting.figures.missed() > 0) std::fprintf(stderr, "%d goals missed\n", setting.figures.missed());
  return setting.figures.missed() > 0 ? 1 : 0;
}

}  // namespace
}  // namespace orch::bench

int main(int argc, char** argv) { return orch::bench::run(argc, argv); }
