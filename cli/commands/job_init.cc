// orch job init: an example to start from.
#include <sys/stat.h>

#include <cstdio>
#include <fstream>

#include "cli/command.h"
#include "cli/format/shown.h"

namespace orch::cli {
namespace {

constexpr char example[] = R"(# A job is what orch runs and keeps running. Start it with
#
#     orch job run example.nomad
#
job "example" {
  # Where its tasks may run; a node says which datacenter it is in.
  datacenters = ["dc1"]

  # "service" is kept running for ever, "batch" runs to its end.
  type = "service"

  # How a new version replaces the old one: so many allocations at a time, each of them healthy for a while before the
  # next one's turn.
  update {
    max_parallel = 1

    # An allocation must be healthy this long without a break ...
    min_healthy_time = "10s"

    # ... and get there within this time.
    healthy_deadline = "3m"

    # Without any progress for this long the deployment has failed.
    progress_deadline = "10m"

    # Whether a failed deployment goes back to the last stable version.
    auto_revert = false

    # New allocations beside the old ones to try out first; 0: none.
    canary = 0
  }

  # How allocations leave a node that is drained.
  migrate {
    max_parallel     = 1
    health_check     = "checks"
    min_healthy_time = "10s"
    healthy_deadline = "5m"
  }

  # Tasks of a group run on one node together.
  group "cache" {
    # How many times the group runs.
    count = 1

    # A task that ends is started again on its node, this often ...
    restart {
      attempts = 2
      interval = "30m"

      # ... after this pause,
      delay = "15s"

      # and then the allocation has failed ("delay": go on in the next interval).
      mode = "fail"
    }

    # Disk that the group's tasks share, in MB.
    ephemeral_disk {
      size = 300
    }

    # One program.
    task "redis" {
      # What runs it.
      driver = "docker"

      # The driver's own words.
      config {
        image = "redis:3.2"

        # The port "db" below leads to this port of the container.
        port_map {
          db = 6379
        }
      }

      # What it needs; it is only placed where that is free.
      resources {
        cpu    = 500 # 500 MHz
        memory = 256 # 256MB

        network {
          mbits = 10
          port "db" {}
        }
      }

      # How others find it, and how orch sees that it is well.
      service {
        name = "redis-cache"
        tags = ["global", "cache"]
        port = "db"

        check {
          name     = "alive"
          type     = "tcp"
          interval = "10s"
          timeout  = "2s"
        }
      }
    }
  }
}
)";

// The example without its comments and blank lines.
std::string short_example() {
  const std::string whole = example;
  std::string out;
  for (std::size_t begin = 0; begin < whole.size();) {
    const std::size_t end = whole.find('\n', begin) + 1;
    const std::size_t first = whole.find_first_not_of(' ', begin);
    if (whole[first] != '#' && whole[first] != '\n') out += whole.substr(begin, end - begin);
    begin = end;
  }
  return out;
}

int run(const Words& words) {
  CommandLine app{"Writes a commented example job file; refuses to overwrite one.", "orch job init"};
  std::string path = "example.nomad";
  bool brief = false;
  app.add_flag("short", brief, "Without the comments");
  app.add_argument("file", path, "Where to write it (example.nomad)", Need::optional, Offer::files);
  app.add_example("orch job init && orch job run example.nomad");
  if (auto over = app.parse(words)) return *over;
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) return complain("Job '" + path + "' already exists");
  std::ofstream file(path);
  file << (brief ? short_example() : example);
  file.close();
  if (!file) return complain("Failed to write '" + path + "'");
  print_line("Example job file written to " + path);
  return 0;
}

}  // namespace

Command job_init_command() { return {"job init", "Writes an example job file", run, {"init"}}; }

}  // namespace orch::cli
