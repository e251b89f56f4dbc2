#include "drivers/task/docker/credential_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>

namespace orch {
namespace {

constexpr auto patience = std::chrono::seconds(10);

struct Output {
  int status = 0;
  std::string text;
};

std::expected<Output, std::string> run(const std::string& program, const std::string& input) {
  int in[2], out[2];
  // A socket, since writing to one whose program has ended without reading need not raise a signal.
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0)
    return std::unexpected(std::string("socket: ") + strerror(errno));
  if (pipe2(out, O_CLOEXEC) != 0) {
    const int error = errno;
    close(in[0]);
    close(in[1]);
    return std::unexpected(std::string("pipe: ") + strerror(error));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  // The agent blocks and ignores signals that programs expect to have their usual effect.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string name = program, verb = "get";
  char* const words[] = {name.data(), verb.data(), nullptr};
  pid_t pid = 0;
  const int failure = posix_spawnp(&pid, program.c_str(), &actions, &attributes, words, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  // A registry's name fits into the socket's buffer, so this cannot block.
  if (failure == 0) (void)!send(in[1], input.data(), input.size(), MSG_NOSIGNAL);
  close(in[1]);
  Output result;
  bool in_time = failure == 0;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (in_time) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd one{out[0], POLLIN, 0};
    const int ready = left <= 0 ? 0 : poll(&one, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    char buffer[4096];
    const ssize_t n = ready <= 0 ? -1 : read(out[0], buffer, sizeof buffer);
    if (n == 0) break;
    in_time = n > 0 && result.text.size() < (1u << 20);
    if (in_time) result.text.append(buffer, static_cast<std::size_t>(n));
  }
  close(out[0]);
  if (failure != 0) return std::unexpected(program + ": " + strerror(failure));
  if (!in_time) kill(pid, SIGKILL);
  while (waitpid(pid, &result.status, 0) < 0 && errno == EINTR) continue;
  if (!in_time) return std::unexpected(program + ": no answer within 10s");
  return result;
}

}  // namespace

std::expected<RegistryAuth, std::string> ask_credential_helper(const std::string& helper, const std::string& registry) {
  if (helper.find('/') != std::string::npos) return std::unexpected("\"" + helper + "\" must be a name, not a path");
  const std::string program = "docker-credential-" + helper;
  auto output = run(program, registry);
  if (!output) return std::unexpected(output.error());
  if (!WIFEXITED(output->status) || WEXITSTATUS(output->status) != 0) {
    if (output->text.find("credentials not found") != std::string::npos) return RegistryAuth{};
    while (!output->text.empty() && output->text.back() == '\n') output->text.pop_back();
    return std::unexpected(program + " failed: " + output->text.substr(0, 200));
  }
  boost::json::error_code error;
  const boost::json::value parsed = boost::json::parse(output->text, error);
  const auto* object = error ? nullptr : parsed.if_object();
  if (object == nullptr) return std::unexpected(program + ": expected a JSON object");
  const auto text = [&](const char* key) {
    const auto* value = object->if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  RegistryAuth auth{.server = registry};
  if (text("Username") == "<token>") {
    auth.identity_token = text("Secret");
  } else {
    auth.username = text("Username");
    auth.password = text("Secret");
  }
  return auth;
}

}  // namespace orch
