#include "tests/bench/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/base/assert.h"
#include "tests/bench/reactor.h"

namespace orch::bench {

ChildProcess::ChildProcess(const std::vector<std::string>& words, const std::string& log_file) {
  int in[2], out[2];
  ORCH_ASSERT(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0, "a pipe can be made");
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_ = fork();
  ORCH_ASSERT(pid_ >= 0, "a process can be started");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    const int log = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log >= 0) dup2(log, STDERR_FILENO);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  in_ = in[1];
  out_ = out[0];
}

ChildProcess::~ChildProcess() {
  end();
  close(in_);
  close(out_);
}

std::optional<std::string> ChildProcess::line(double seconds) {
  const std::int64_t until = now_ns() + static_cast<std::int64_t>(seconds * 1e9);
  while (true) {
    if (const std::size_t end = read_.find('\n'); end != std::string::npos) {
      std::string found = read_.substr(0, end);
      read_.erase(0, end + 1);
      return found;
    }
    const std::int64_t left = until - now_ns();
    pollfd waiting{.fd = out_, .events = POLLIN, .revents = 0};
    if (left <= 0 || poll(&waiting, 1, static_cast<int>(left / 1'000'000 + 1)) == 0) return {};
    char buffer[65536];
    const ssize_t n = read(out_, buffer, sizeof buffer);
    if (n <= 0) return {};
    read_.append(buffer, static_cast<std::size_t>(n));
  }
}

std::optional<std::string> ChildProcess::line_with(const std::string& part, double seconds) {
  const std::int64_t until = now_ns() + static_cast<std::int64_t>(seconds * 1e9);
  while (true) {
    auto found = line(static_cast<double>(until - now_ns()) / 1e9);
    if (!found || found->find(part) != std::string::npos) return found;
  }
}

void ChildProcess::write(const std::string& text) {
  if (::write(in_, text.data(), text.size()) < 0) return;  // it has ended: its lines will say so
}

int ChildProcess::end() {
  if (pid_ < 0) return 0;
  kill(pid_, SIGTERM);
  for (int i = 0; i < 2000; ++i) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return status;
    }
    usleep(5000);
  }
  kill(pid_, SIGKILL);
  return wait();
}

int ChildProcess::wait() {
  int status = 0;
  if (pid_ >= 0) waitpid(pid_, &status, 0);
  pid_ = -1;
  return status;
}

ChildProcess::Times ChildProcess::times() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t at = text.rfind(')');
  if (at == std::string::npos) return {};
  std::istringstream fields(text.substr(at + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  return {user / ticks, system / ticks};
}

double ChildProcess::megabytes(const std::string& field) const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(field + ":")) return std::atof(line.c_str() + field.size() + 1) / 1024;
  }
  return 0;
}

}  // namespace orch::bench
