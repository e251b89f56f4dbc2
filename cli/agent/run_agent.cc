// `orch agent`: starts an agent, says where it is, and waits for the signal to stop; a second one ends it at once, as
// does a stop that takes too long.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <thread>
#include <vector>

#include "cli/agent/agent.h"
#include "cli/agent/agent_flags.h"

namespace orch {
namespace {

constexpr std::chrono::minutes longest_stop(3);

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

void reload(Agent& agent, const std::vector<std::string>& words) {
  print("==> Caught signal: hangup, reading the configuration again\n");
  AgentFlags flags;
  const auto read = flags.line.read(words);
  const auto fresh = read ? AgentOptions::from(flags) : std::unexpected(read.error());
  if (!fresh) return print("==> The configuration stays as it is: " + fresh.error() + "\n");
  if (!fresh->warnings.empty()) print(fresh->warnings + "\n");
  for (const std::string& text : agent.reload(*fresh)) print("    " + text + "\n");
}

const char* name_of(int signal) { return signal == SIGINT ? "interrupt" : "terminated"; }

}  // namespace

int run_agent(const std::vector<std::string>& words) {
  AgentFlags flags;
  if (auto over = flags.line.parse(words)) return *over;
  auto options = AgentOptions::from(flags);
  if (!options) {
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
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on files is a full disk, not the end

  if (!options->warnings.empty()) std::fprintf(stderr, "%s\n\n", options->warnings.c_str());
  Agent agent(std::move(*options));
  if (auto started = agent.start(); !started) {
    std::fprintf(stderr, "==> Error starting agent: %s\n", started.error().c_str());
    return 1;
  }
  print(agent.first_screen());
  int received = 0;
  while (sigwait(&signals, &received) == 0 && received == SIGHUP) reload(agent, words);
  print(std::string("==> Caught signal: ") + name_of(received) + ", stopping; a second one ends the agent at once\n");
  std::thread([signals, first = received] {
    // Whatever a part waits for: the log is durable, and the next agent takes up what runs.
    const auto until = std::chrono::steady_clock::now() + longest_stop;
    int again = SIGHUP;
    while (again == SIGHUP) {
      const auto left = std::chrono::ceil<std::chrono::seconds>(until - std::chrono::steady_clock::now());
      const timespec wait{.tv_sec = std::max<time_t>(0, left.count()), .tv_nsec = 0};
      again = sigtimedwait(&signals, nullptr, &wait);
      if (again < 0 && errno == EINTR) again = SIGHUP;
    }
    print(again < 0 ? std::string("==> Not stopped within three minutes, ending at once\n")
                    : std::string("==> Caught signal: ") + name_of(again) + ", ending at once\n");
    ::_exit(128 + first);
  }).detach();
  agent.stop();
  return 0;
}

}  // namespace orch
