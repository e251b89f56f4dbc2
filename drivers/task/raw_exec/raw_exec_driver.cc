#include "drivers/task/raw_exec/raw_exec_driver.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "core/jobspec/driver_config.h"
#include "drivers/files/output_file.h"
#include "drivers/task/config_reader.h"
#include "drivers/task/raw_exec/supervised_process.h"

namespace orch {
namespace {

constexpr char disabled[] = "raw_exec is off on this node: the client option \"driver.raw_exec.enable\" turns it on";

DriverError no_such(const std::string& handle) { return {"no process is known as \"" + handle + "\"", false}; }

int signal_number(const std::string& name) {
  static const std::map<std::string, int> numbers = {
      {"SIGHUP", SIGHUP},   {"SIGINT", SIGINT},   {"SIGQUIT", SIGQUIT}, {"SIGABRT", SIGABRT}, {"SIGKILL", SIGKILL},
      {"SIGUSR1", SIGUSR1}, {"SIGUSR2", SIGUSR2}, {"SIGTERM", SIGTERM}, {"SIGCONT", SIGCONT}, {"SIGSTOP", SIGSTOP},
      {"SIGALRM", SIGALRM}, {"SIGWINCH", SIGWINCH}};
  const auto it = numbers.find(name);
  return it != numbers.end() ? it->second : 0;
}

// Waits for the process, at most until the deadline; true when it is gone.
bool gone_by(const ProcessHandle& handle, std::chrono::steady_clock::time_point deadline) {
  const int file = static_cast<int>(syscall(SYS_pidfd_open, handle.pid, 0));
  bool gone = file < 0 || !handle.alive();
  while (!gone) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) break;
    pollfd wanted{file, POLLIN, 0};
    gone = poll(&wanted, 1, static_cast<int>(std::min<long long>(left + 1, 1'000'000))) > 0;
  }
  if (file >= 0) close(file);
  return gone;
}

// What a process that is gone came to. Its supervisor learns of the end when everybody does, so it may take a moment.
std::optional<int> status_of(const ProcessHandle& handle, int patience_ms) {
  for (int i = 0;; ++i) {
    if (const auto status = exit_status(handle.exit_file); status || i == patience_ms) return status;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

struct Sample {
  double cpu_seconds = 0, user_seconds = 0;
  std::uint64_t rss = 0;
};

// The processes of the group, by pid.
std::map<pid_t, Sample> sample_group(pid_t group) {
  std::map<pid_t, Sample> found;
  DIR* proc = opendir("/proc");
  if (proc == nullptr) return found;
  const double tick = static_cast<double>(sysconf(_SC_CLK_TCK));
  while (const dirent* entry = readdir(proc)) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    std::ifstream file(std::string("/proc/") + entry->d_name + "/stat");
    std::string line;
    if (!std::getline(file, line) || line.rfind(')') == std::string::npos) continue;
    std::stringstream fields(line.substr(line.rfind(')') + 2));
    std::vector<std::string> f;
    for (std::string field; fields >> field;) f.push_back(field);
    if (f.size() < 22 || std::atoi(f[2].c_str()) != group) continue;
    const double user = std::atof(f[11].c_str()) / tick, system = std::atof(f[12].c_str()) / tick;
    found[std::atoi(entry->d_name)] = {
        .cpu_seconds = user + system,
        .user_seconds = user,
        .rss = std::strtoull(f[21].c_str(), nullptr, 10) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE))};
  }
  closedir(proc);
  return found;
}

}  // namespace

DriverFingerprint RawExecDriver::fingerprint() {
  if (!enabled_) return {false, false, disabled, {}};
  return {true, true, "Driver raw_exec is detected", {}};
}

std::vector<std::string> RawExecDriver::validate(const Value::Map& config) const {
  return config_errors("raw_exec", config);
}

std::expected<std::string, DriverError> RawExecDriver::start(const TaskConfig& task, const Progress& progress) {
  if (!enabled_) return std::unexpected(DriverError{disabled, false});
  if (auto errors = validate(task.config); !errors.empty()) return std::unexpected(DriverError{errors.front(), false});
  ProcessRequest request{.program = config_text(task.config, "command"),
                         .arguments = config_texts(task.config, "args"),
                         .env = task.env,
                         .folder = task.task_dir};
  const auto failed = [](const std::string& why) {
    return std::unexpected(DriverError{"failed to start command: " + why, true});
  };
  std::optional<files::Owner> owner;
  if (!task.user.empty()) {
    auto account = account_of(task.user);
    if (!account) return failed(account.error());
    // A program may open /dev/stdout again, as who it is then.
    owner = files::Owner{account->uid, account->gid};
    request.account = std::move(*account);
  }
  auto out = files::take_output(task.alloc_dir, task.stdout_path, owner);
  if (!out) return failed("open the log file " + out.error().text);
  auto err = files::take_output(task.alloc_dir, task.stderr_path, owner);
  if (!err) return failed("open the log file " + err.error().text);
  for (const std::string& notice : {out->notice, err->notice}) {
    if (!notice.empty()) progress("The task's output: " + notice);
  }
  request.output = out->file.get();
  request.errors = err->file.get();
  // Beside the task's folder, which is everybody's.
  const auto stamp = std::chrono::steady_clock::now().time_since_epoch().count();
  request.exit_file =
      task.task_dir.substr(0, task.task_dir.rfind('/')) + "/.exit-" + task.task_name + "-" + std::to_string(stamp);
  const auto started = start_supervised(request);
  if (!started) return failed(started.error());
  return started->text();
}

std::expected<void, DriverError> RawExecDriver::recover(const std::string& handle, const TaskConfig&) {
  const auto process = ProcessHandle::parse(handle);
  if (!process || (!process->alive() && !status_of(*process, 500))) return std::unexpected(no_such(handle));
  return {};
}

std::optional<TaskExit> RawExecDriver::wait(const std::string& handle, Duration timeout) {
  const auto process = ProcessHandle::parse(handle);
  if (!process) return TaskExit{.error = no_such(handle).message};
  if (!gone_by(*process, std::chrono::steady_clock::now() + std::chrono::nanoseconds(timeout.ns))) return {};
  const auto status = status_of(*process, 2000);
  if (!status)
    return TaskExit{.exit_code = -1, .error = "the process has ended and its supervisor left no exit status"};
  TaskExit exit;
  if (WIFEXITED(*status)) exit.exit_code = WEXITSTATUS(*status);
  if (WIFSIGNALED(*status)) {
    exit.signal = WTERMSIG(*status);
    exit.exit_code = 128 + exit.signal;
  }
  return exit;
}

std::expected<void, DriverError> RawExecDriver::stop(const std::string& handle, const std::string& kill_signal,
                                                     Duration kill_timeout) {
  const auto process = ProcessHandle::parse(handle);
  if (!process || !process->alive()) return {};
  int number = kill_signal.empty() ? SIGINT : signal_number(kill_signal);
  if (number == 0) number = SIGINT;
  kill(-process->pid, number);
  if (!gone_by(*process, std::chrono::steady_clock::now() + std::chrono::nanoseconds(kill_timeout.ns))) {
    kill(-process->pid, SIGKILL);
    gone_by(*process, std::chrono::steady_clock::now() + std::chrono::seconds(5));
  }
  kill(-process->pid, SIGKILL);  // what it has left behind, should its supervisor not be there any more to do so
  return {};
}

std::expected<void, DriverError> RawExecDriver::signal(const std::string& handle, const std::string& name) {
  const auto process = ProcessHandle::parse(handle);
  if (!process || !process->alive()) return std::unexpected(no_such(handle));
  const int number = signal_number(name);
  if (number == 0)
    return std::unexpected(DriverError{"unknown signal \"" + name + "\"; signals are named like SIGHUP", false});
  kill(process->pid, number);
  return {};
}

std::expected<TaskStats, DriverError> RawExecDriver::stats(const std::string& handle) {
  const auto process = ProcessHandle::parse(handle);
  if (!process || !process->alive()) return std::unexpected(no_such(handle));
  const auto first = sample_group(process->pid);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  TaskStats sum;
  for (const auto& [pid, now] : sample_group(process->pid)) {
    const auto before = first.find(pid);
    TaskStats own{.memory_rss = now.rss};
    if (before != first.end()) {  // of a process that is new nothing can be said yet
      own.cpu_percent = std::max(0.0, now.cpu_seconds - before->second.cpu_seconds) * 1000;
      own.cpu_user_percent = std::max(0.0, now.user_seconds - before->second.user_seconds) * 1000;
      own.cpu_system_percent = own.cpu_percent - own.cpu_user_percent;
    }
    sum.memory_rss += own.memory_rss;
    sum.cpu_percent += own.cpu_percent;
    sum.cpu_user_percent += own.cpu_user_percent;
    sum.cpu_system_percent += own.cpu_system_percent;
    sum.processes.push_back({static_cast<std::int32_t>(pid), std::move(own)});
  }
  return sum;
}

std::expected<TaskDriver::ExecResult, DriverError> RawExecDriver::exec(const std::string& handle,
                                                                       const std::string& command,
                                                                       const std::vector<std::string>& arguments,
                                                                       Duration timeout) {
  const auto process = ProcessHandle::parse(handle);
  if (!process || !process->alive()) return std::unexpected(no_such(handle));
  const std::string proc = "/proc/" + std::to_string(process->pid);
  char folder[4096] = {};
  if (readlink((proc + "/cwd").c_str(), folder, sizeof folder - 1) < 0) return std::unexpected(no_such(handle));
  ProcessRequest request{.program = command, .arguments = arguments, .folder = folder};
  std::ifstream environ(proc + "/environ", std::ios::binary);
  for (std::string pair; std::getline(environ, pair, '\0');) {
    if (const std::size_t equals = pair.find('='); equals != std::string::npos)
      request.env[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  // A folder that nobody else can enter: in /tmp itself names are anybody's to take.
  char pattern[] = "/tmp/orch-exec-XXXXXX";
  if (mkdtemp(pattern) == nullptr)
    return std::unexpected(DriverError{std::string("temporary folder: ") + std::strerror(errno), true});
  const std::string output_file = std::string(pattern) + "/output";
  request.exit_file = std::string(pattern) + "/exit";
  std::expected<ExecResult, DriverError> result;
  {
    const files::Descriptor output(::open(output_file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_APPEND | O_CLOEXEC, 0600));
    request.output = request.errors = output.get();
    const auto started =
        !output ? std::unexpected(std::string("temporary file: ") + std::strerror(errno)) : start_supervised(request);
    if (!started) {
      result = std::unexpected(DriverError{started.error(), false});
    } else if (const auto exit = wait(started->text(), timeout)) {
      std::string bytes(4096, '\0');
      const ssize_t n = ::pread(output.get(), bytes.data(), bytes.size(), 0);
      bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
      result = ExecResult{exit->exit_code, std::move(bytes)};
    } else {
      kill(-started->pid, SIGKILL);
      (void)status_of(*started, 1000);  // or it would be written after the folder was cleared
      result = std::unexpected(DriverError{"the command did not end in time", true});
    }
  }
  unlink(output_file.c_str());
  unlink(request.exit_file.c_str());
  rmdir(pattern);
  return result;
}

std::expected<void, DriverError> RawExecDriver::destroy(const std::string& handle) {
  const auto process = ProcessHandle::parse(handle);
  if (!process) return {};
  if (process->alive()) kill(-process->pid, SIGKILL);
  unlink(process->exit_file.c_str());
  return {};
}

}  // namespace orch
