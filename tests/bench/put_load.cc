// put_load: PUT /v1/jobs of COUNT jobs that place nothing, over CONNECTIONS connections, at an agent of any build;
// prints the seconds that it took. What tests/bench/against.py drives two builds with.
//
// put_load HOST:PORT COUNT CONNECTIONS
#include <cstdio>
#include <cstdlib>

#include "tests/bench/load.h"
#include "tests/bench/reactor.h"

int main(int argc, char** argv) {
  using namespace orch::bench;
  if (argc != 4) return std::fprintf(stderr, "usage: put_load HOST:PORT COUNT CONNECTIONS\n"), 2;
  const auto endpoint = orch::net::Endpoint::parse("http://" + std::string(argv[1]));
  if (!endpoint) return std::fprintf(stderr, "%s is no HOST:PORT\n", argv[1]), 2;
  const Load load =
      drive(*endpoint, std::strtoul(argv[3], nullptr, 10), std::strtoull(argv[2], nullptr, 10), [&](std::uint64_t n) {
        const std::string body = job_body({.id = "job-" + std::to_string(n), .count = 0});
        return request_text("PUT", "/v1/jobs", body, "Content-Type: application/json\r\n");
      });
  std::printf("%.6f\n", load.seconds);
}
