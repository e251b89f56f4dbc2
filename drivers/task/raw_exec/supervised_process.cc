#include "drivers/task/raw_exec/supervised_process.h"

#include <fcntl.h>
#include <grp.h>  // getgrouplist
#include <pwd.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/base/assert.h"
#include "drivers/files/folder.h"

namespace orch {
namespace {

// What the children tell the parent through a pipe.
struct Report {
  pid_t pid;
  int error;  // errno of what failed, 0 when the program runs
  int step;
};
constexpr const char* steps[] = {"fork", "hand over the log file", "enter the task's folder", "exec",
                                 "become the user"};

std::string found_in_path(const std::string& program, const std::map<std::string, std::string>& env) {
  if (program.find('/') != std::string::npos) return program;
  const auto it = env.find("PATH");
  std::stringstream path(it != env.end() ? it->second : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  for (std::string folder; std::getline(path, folder, ':');) {
    const std::string candidate = folder + "/" + program;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return program;
}

// Everything below runs between fork and exec in a copy of a threaded process: system calls only.
struct Prepared {
  const char* program;
  char* const* argv;
  char* const* envp;
  const char *folder, *exit_file, *exit_file_new;
  int out, err;
  const Account* account;  // nullptr: stay who we are
  int pipe;
};

[[noreturn]] void run_task(const Prepared& p) {
  auto fail = [&](int step) {
    const Report report{getpid(), errno, step};
    (void)!write(p.pipe, &report, sizeof report);
    _exit(127);
  };
  setpgid(0, 0);
  // Beyond the standard ones, or one would be replaced before it is used.
  const int out = fcntl(p.out, F_DUPFD, 3), err = fcntl(p.err, F_DUPFD, 3), in = open("/dev/null", O_RDONLY);
  if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) fail(1);
  if (chdir(p.folder) != 0) fail(2);
  // The pipe closes itself when the program runs.
  if (p.pipe > 3) syscall(SYS_close_range, 3u, static_cast<unsigned>(p.pipe) - 1, 0u);
  syscall(SYS_close_range, static_cast<unsigned>(p.pipe) + 1, ~0u, 0u);
  if (p.account != nullptr && (syscall(SYS_setgroups, p.account->groups.size(), p.account->groups.data()) != 0 ||
                               syscall(SYS_setgid, p.account->gid) != 0 || syscall(SYS_setuid, p.account->uid) != 0)) {
    fail(4);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int s : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD}) signal(s, SIG_DFL);
  execve(p.program, p.argv, p.envp);
  fail(3);
  _exit(127);
}

[[noreturn]] void supervise(const Prepared& p) {
  setsid();
  const pid_t task = fork();
  if (task == 0) run_task(p);
  const Report report{task, task < 0 ? errno : 0, 0};
  (void)!write(p.pipe, &report, sizeof report);
  if (task < 0) _exit(1);
  syscall(SYS_close_range, 0, ~0u, 0);
  siginfo_t ended;
  while (waitid(P_PID, static_cast<id_t>(task), &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR) continue;
  // As long as the process is not reaped its number is nobody else's, and so is its group's.
  kill(-task, SIGKILL);
  int status = 0;
  while (waitpid(task, &status, 0) < 0 && errno == EINTR) continue;
  unlink(p.exit_file_new);
  const int file = open(p.exit_file_new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
  if (file >= 0) {
    (void)!write(file, &status, sizeof status);
    close(file);
    rename(p.exit_file_new, p.exit_file);
  }
  _exit(0);
}

}  // namespace

std::expected<Account, std::string> account_of(const std::string& user) {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  const bool number = user.find_first_not_of("0123456789") == std::string::npos;
  if (number) {
    getpwuid_r(static_cast<uid_t>(std::strtoul(user.c_str(), nullptr, 10)), &entry, buffer.data(), buffer.size(),
               &found);
  } else {
    getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  }
  if (found == nullptr) return std::unexpected("user \"" + user + "\" is not known on this machine");
  Account account{user, found->pw_uid, found->pw_gid, std::vector<gid_t>(64)};
  int count = static_cast<int>(account.groups.size());
  if (getgrouplist(found->pw_name, found->pw_gid, account.groups.data(), &count) < 0) {
    account.groups.resize(static_cast<std::size_t>(count));
    getgrouplist(found->pw_name, found->pw_gid, account.groups.data(), &count);
  }
  account.groups.resize(static_cast<std::size_t>(count));
  return account;
}

std::string ProcessHandle::text() const {
  return std::to_string(pid) + ":" + std::to_string(start_time) + ":" + exit_file;
}

std::optional<ProcessHandle> ProcessHandle::parse(const std::string& text) {
  ProcessHandle handle;
  int used = 0;
  if (std::sscanf(text.c_str(), "%d:%llu:%n", &handle.pid, &handle.start_time, &used) != 2 || used == 0) return {};
  handle.exit_file = text.substr(static_cast<std::size_t>(used));
  return handle;
}

bool ProcessHandle::alive() const { return start_time != 0 && start_time_of(pid) == start_time; }

unsigned long long start_time_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return 0;
  std::stringstream fields(line.substr(line.rfind(')') + 2));
  std::string field;
  for (int i = 3; i <= 22 && fields >> field; ++i) {
    if (i == 3 && (field == "Z" || field == "X")) return 0;
  }
  return std::strtoull(field.c_str(), nullptr, 10);
}

std::optional<int> exit_status(const std::string& exit_file) {
  const std::size_t slash = exit_file.rfind('/');
  if (slash == std::string::npos) return {};
  const auto folder = files::Folder::at(exit_file.substr(0, slash));
  if (!folder) return {};
  const auto file = folder->open(exit_file.substr(slash + 1), O_RDONLY);
  int status = 0;
  if (!file || ::read(file->get(), &status, sizeof status) != sizeof status) return {};
  return status;
}

std::expected<ProcessHandle, std::string> start_supervised(const ProcessRequest& request) {
  const std::string program = found_in_path(request.program, request.env);
  std::vector<std::string> words{request.program}, variables;
  words.insert(words.end(), request.arguments.begin(), request.arguments.end());
  for (const auto& [name, value] : request.env) variables.push_back(name + "=" + value);
  std::vector<char*> argv, envp;
  for (std::string& word : words) argv.push_back(word.data());
  for (std::string& variable : variables) envp.push_back(variable.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  const std::string exit_file_new = request.exit_file + ".new";
  ORCH_ASSERT(request.output >= 0 && request.errors >= 0, "output goes to files that are open");
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(std::string("pipe: ") + std::strerror(errno));
  const Prepared prepared{program.c_str(),
                          argv.data(),
                          envp.data(),
                          request.folder.c_str(),
                          request.exit_file.c_str(),
                          exit_file_new.c_str(),
                          request.output,
                          request.errors,
                          request.account ? &*request.account : nullptr,
                          ends[1]};
  const pid_t middle = fork();
  if (middle == 0) {
    if (fork() == 0) supervise(prepared);
    _exit(0);
  }
  const int fork_error = errno;
  close(ends[1]);
  if (middle < 0) {
    close(ends[0]);
    return std::unexpected(std::string("fork: ") + std::strerror(fork_error));
  }
  while (waitpid(middle, nullptr, 0) < 0 && errno == EINTR) continue;
  ProcessHandle handle{.exit_file = request.exit_file};
  std::string problem;
  Report report;
  // The supervisor reports the number; the pipe ends when the program runs, or brings why it does not.
  while (true) {
    const ssize_t n = read(ends[0], &report, sizeof report);
    if (n < 0 && errno == EINTR) continue;
    if (n != sizeof report) break;
    if (report.error != 0) {
      problem = std::string(steps[report.step]) + " " +
                (report.step == 3   ? request.program
                 : report.step == 2 ? request.folder
                 : report.step == 4 ? request.account->name
                                    : "") +
                ": " + std::strerror(report.error);
    }
    handle.pid = report.pid;
  }
  close(ends[0]);
  if (!problem.empty()) return std::unexpected(problem);
  if (handle.pid <= 0) return std::unexpected(std::string("the supervisor could not be started"));
  handle.start_time = start_time_of(handle.pid);
  return handle;
}

}  // namespace orch
