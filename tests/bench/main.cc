// orch_bench: measures what "how fast" asks for and prints it beside the goals. See tools/bench.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>

#include "tests/bench/bench.h"

namespace orch::bench {
namespace {

struct Bench {
  const char* name;
  void (*run)(Setting&);
};
constexpr Bench benches[] = {
    {"put_job", bench_put_job},
    {"reads", bench_reads},
    {"process", bench_process},
    {"start_call", bench_start_call},
    {"placement", bench_placement},
    {"c1m", bench_c1m},
};

int run(int argc, char** argv) {
  CLI::App app{"Prints figures, and the goals beside them.", "bench"};
  Setting setting;
  std::vector<std::string> only;
  std::string folder = std::filesystem::temp_directory_path().string();
  bool json = false, keep = false;
  std::string names;
  for (const Bench& bench : benches) names += (names.empty() ? "" : ", ") + std::string(bench.name);
  app.add_option("--only", only, "Run these: " + names)->delimiter(',');
  app.add_flag("--quick", setting.quick, "A small version of each: it says that the benches run, not how fast orch is");
  app.add_flag("--json", json, "JSON instead of a table");
  app.add_option("--folder", folder, "Where data folders are made: the disk that is measured")->capture_default_str();
  app.add_flag("--keep", keep, "Leave the data folders");
  app.add_option("--orch", setting.orch, "The program orch")->required();
  app.add_option("--node-sim", setting.node_sim, "The program node_sim")->required();
  CLI11_PARSE(app, argc, argv);
  for (const std::string& name : only) {
    if (std::none_of(std::begin(benches), std::end(benches), [&](const Bench& b) { return b.name == name; })) {
      std::fprintf(stderr, "--only: there is no bench \"%s\"; there are %s\n", name.c_str(), names.c_str());
      return 2;
    }
  }
  std::signal(SIGPIPE, SIG_IGN);
  setting.orch = std::filesystem::absolute(setting.orch).string();
  setting.node_sim = std::filesystem::absolute(setting.node_sim).string();
  setting.folder = folder + "/orch-bench-XXXXXX";
  if (mkdtemp(setting.folder.data()) == nullptr) {
    std::fprintf(stderr, "--folder: a folder in %s can't be made\n", folder.c_str());
    return 2;
  }
  for (const Bench& bench : benches) {
    if (only.empty() || std::find(only.begin(), only.end(), bench.name) != only.end()) bench.run(setting);
  }
  std::fputs((json ? setting.figures.json() : setting.figures.table()).c_str(), stdout);
  std::error_code error;
  if (keep) {
    std::fprintf(stderr, "the data folders are in %s\n", setting.folder.c_str());
  } else {
    std::filesystem::remove_all(setting.folder, error);
  }
  return 0;
}

}  // namespace
}  // namespace orch::bench

int main(int argc, char** argv) { return orch::bench::run(argc, argv); }
