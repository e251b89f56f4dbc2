// `orch agent`: starts an agent, says where it is, and waits for the signal to stop.
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "cli/agent/agent.h"
#include "cli/version.h"

namespace orch {

int run_agent(const std::vector<std::string>& words) {
  std::string help;
  auto options = AgentOptions::parse(words, help);
  if (!options) {
    if (options.error().empty()) {
      std::fputs(help.c_str(), stdout);
      return 0;
    }
    std::fprintf(stderr, "%s\n", options.error().c_str());
    return 1;
  }
  // Threads inherit the mask, so that only `sigwait` below sees these.
  sigset_t signals;
  sigemptyset(&signals);
  for (int s : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, s);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  // Each node client and each reader that waits holds a connection: as many as the system allows, not as a shell does.
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }

  const bool dev = options->dev;
  Agent agent(std::move(*options));
  if (auto started = agent.start(); !started) {
    std::fprintf(stderr, "==> Error starting agent: %s\n", started.error().c_str());
    return 1;
  }
  std::printf("==> orch agent started! Its log follows on standard error.\n\n"
              "    Version: %s\n       HTTP: 127.0.0.1:%u\n       Data: %s%s\n       Node: %s\n\n",
              version_number, agent.port(), agent.data_dir().c_str(), dev ? " (dev)" : "", agent.node_id().c_str());
  std::fflush(stdout);
  int received = SIGHUP;
  while (received == SIGHUP) sigwait(&signals, &received);
  std::printf("==> Caught signal: %s, stopping\n", received == SIGINT ? "interrupt" : "terminated");
  std::fflush(stdout);
  agent.stop();
  return 0;
}

}  // namespace orch
