#include "drivers/node/check_runner.h"

#include <algorithm>
#include <chrono>

#include "core/base/guard.h"
#include "drivers/net/client_socket.h"
#include "drivers/net/http_client.h"

namespace orch::client {
namespace {

constexpr std::size_t most_output = 4 << 10;

CheckResult critical(std::string output) { return {CheckResult::Status::critical, std::move(output)}; }

Duration timeout_of(const ServiceCheck& check) { return check.timeout > Duration{} ? check.timeout : seconds(10); }

CheckResult run_tcp(const CheckTarget& target) {
  net::ClientSocket socket;
  const net::Endpoint endpoint{target.host, static_cast<std::uint16_t>(target.port), ""};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::nanoseconds(timeout_of(target.check).ns);
  const std::string name = "TCP connect " + target.host + ":" + std::to_string(target.port);
  if (auto connected = socket.connect(endpoint, deadline); !connected) {
    return critical(name + ": " + connected.error().message);
  }
  return {CheckResult::Status::passing, name + ": Success"};
}

CheckResult run_http(const CheckTarget& target) {
  const ServiceCheck& check = target.check;
  if (check.protocol == "https") return critical("https checks are not supported: orch has no TLS yet");
  net::HttpClient client({target.host, static_cast<std::uint16_t>(target.port), ""});
  net::HttpRequest request;
  request.method = check.method.empty() ? "GET" : check.method;
  request.target = check.path.starts_with('/') ? check.path : "/" + check.path;
  for (const auto& [name, values] : check.header) {
    for (const std::string& value : values) request.headers.emplace_back(name, value);
  }
  const std::string name =
      "HTTP " + request.method + " http://" + target.host + ":" + std::to_string(target.port) + request.target;
  auto answer = client.send(request, timeout_of(check), 1 << 20);
  if (!answer) return critical(name + ": " + answer.error().message);
  CheckResult result;
  result.status = answer->status / 100 == 2   ? CheckResult::Status::passing
                  : answer->status == 429     ? CheckResult::Status::warning
                                              : CheckResult::Status::critical;
  result.output = name + ": " + std::to_string(answer->status) + " Output: " + answer->body.substr(0, most_output / 2);
  return result;
}

CheckResult run_script(const CheckTarget& target) {
  if (!target.exec) return critical("script check: the task does not run");
  auto done = target.exec(target.check.command, target.check.args, timeout_of(target.check));
  if (!done) return critical("script check " + target.check.command + ": " + done.error().message);
  CheckResult result;
  result.status = done->exit_code == 0   ? CheckResult::Status::passing
                  : done->exit_code == 1 ? CheckResult::Status::warning
                                         : CheckResult::Status::critical;
  result.output = done->output.substr(0, most_output);
  return result;
}

}  // namespace

CheckResult run_check(const CheckTarget& target) {
  if (target.check.type == "script") return run_script(target);
  if (target.check.type != "tcp" && target.check.type != "http") {
    return critical(target.check.type + " checks are not supported");
  }
  if (target.port <= 0 || target.port > 65535 || target.host.empty()) {
    return critical("the check has no port to connect to: its service needs one");
  }
  return target.check.type == "tcp" ? run_tcp(target) : run_http(target);
}

CheckRunner::CheckRunner(std::vector<CheckTarget> targets, OnResult on_result)
    : targets_(std::move(targets)), on_result_(std::move(on_result)) {
  for (const CheckTarget& target : targets_) threads_.emplace_back([this, &target] { run(target); });
}

CheckRunner::~CheckRunner() { stop(); }

void CheckRunner::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool CheckRunner::pause(Duration time) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, std::chrono::nanoseconds(time.ns), [this] { return stopping_; });
}

void CheckRunner::run(const CheckTarget& target) {
  while (!guarded("a check", [&] { check(target); })) {
    if (!pause(seconds(1))) return;
  }
}

void CheckRunner::check(const CheckTarget& target) {
  const Duration interval = std::max(target.check.interval, milliseconds(100));
  const auto settled = std::chrono::steady_clock::now() + std::chrono::nanoseconds(interval.ns);
  bool passed = false;
  do {
    const CheckResult result = run_check(target);
    const bool early = !passed && std::chrono::steady_clock::now() < settled;
    passed = passed || result.status == CheckResult::Status::passing;
    if (early && result.status == CheckResult::Status::critical) {
      if (!pause(std::min(milliseconds(500), interval))) return;
      continue;
    }
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    on_result_(target, result);
    if (!pause(interval)) return;
  } while (true);
}

}  // namespace orch::client
