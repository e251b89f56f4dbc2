#include "drivers/task/docker/image_store.h"

#include <chrono>

#include "core/base/guard.h"
#include "drivers/net/percent.h"

namespace orch {
namespace {

using Clock = std::chrono::steady_clock;

// A task keeps few events, so reports become rarer the longer a pull takes.
constexpr auto first_report = std::chrono::seconds(2);
constexpr auto rarest_report = std::chrono::minutes(2);

std::string seconds_text(Clock::duration time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1fs", std::chrono::duration<double>(time).count());
  return text;
}

}  // namespace

ImageStore::~ImageStore() {
  std::vector<std::thread> threads;
  {
    std::unique_lock lock(mutex_);
    for (const auto& [key, pull] : pulls_) pull->client.cancel();
    changed_.wait(lock, [this] { return pulls_.empty(); });
    threads = std::move(ended_);
  }
  for (std::thread& thread : threads) thread.join();
}

std::expected<void, DriverError> ImageStore::need(const Wanted& wanted, const TaskDriver::Progress& progress,
                                                  std::stop_token cancelled) {
  const std::string name = wanted.name.full();
  const auto failed = [&](const std::string& why) {
    return std::unexpected(DriverError{"Failed to pull `" + name + "`: " + why, true});
  };
  if (!wanted.pull_always && wanted.name.tag != "latest") {
    const auto found = engine_.call("GET", "/images/" + net::percent_encoded_path(name) + "/json");
    if (found) return {};
    if (found.error().status != 404)
      return std::unexpected(DriverError{found.error().message, found.error().is_away()});
  }
  progress("Downloading image " + name);
  const auto begin = Clock::now();
  const auto deadline =
      wanted.timeout.ns > 0 ? begin + std::chrono::nanoseconds(wanted.timeout.ns) : Clock::time_point::max();
  const std::string key = name + "\n" + wanted.auth;
  std::vector<std::thread> ended;
  const std::stop_callback wake(cancelled, [this] {
    std::lock_guard guard(mutex_);
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  std::shared_ptr<Pull>& slot = pulls_[key];
  if (slot == nullptr) {
    slot = std::make_shared<Pull>(engine_.connection());
    slot->thread = std::thread([this, pull = slot, wanted, key] {
      const bool went = guarded("the pull of an image", [&] { run(pull, wanted); });
      std::lock_guard guard(mutex_);
      if (!went) pull->error = "the pull ended with an internal error";
      pull->done = true;
      ended_.push_back(std::move(pull->thread));
      pulls_.erase(key);
      changed_.notify_all();
    });
  }
  const std::shared_ptr<Pull> pull = slot;
  ++pull->waiting;
  auto pause = std::chrono::duration_cast<Clock::duration>(first_report);
  auto report = begin + pause;
  std::string told;
  while (!pull->done && !cancelled.stop_requested() && Clock::now() < deadline) {
    changed_.wait_until(lock, std::min(report, deadline));
    if (pull->done || Clock::now() < report) continue;
    pause = std::min<Clock::duration>(pause * 2, rarest_report);
    report = Clock::now() + pause;
    std::string text = pull->progress.text();
    if (text.empty() || text == told) continue;
    told = text;
    lock.unlock();
    progress("Docker image pull progress: " + text);
    lock.lock();
  }
  const bool done = pull->done;
  if (--pull->waiting == 0 && !done) pull->client.cancel();
  std::swap(ended, ended_);
  const std::string error = pull->error, summary = pull->progress.summary();
  lock.unlock();
  for (std::thread& thread : ended) thread.join();
  if (!done) {
    if (cancelled.stop_requested()) return failed("the task is to stop");
    return failed("not done within image_pull_timeout");
  }
  if (!error.empty()) return failed(error);
  progress("Downloaded image " + name + ": " + summary + ", in " + seconds_text(Clock::now() - begin));
  return {};
}

void ImageStore::run(const std::shared_ptr<Pull>& pull, const Wanted& wanted) {
  const ImageName& name = wanted.name;
  const std::string path = "/images/create?fromImage=" + net::percent_encoded(name.repository) + "&tag=" +
                           net::percent_encoded(name.digest.empty() ? name.tag : name.digest);
  net::Headers headers;
  if (!wanted.auth.empty()) headers.emplace_back("X-Registry-Auth", wanted.auth);
  const auto ended = engine_.stream(pull->client, "POST", path, headers,
                                    [&](std::string_view bytes) {
                                      std::lock_guard lock(mutex_);
                                      pull->progress.take(bytes);
                                      return true;
                                    },
                                    silence_);
  std::lock_guard lock(mutex_);
  pull->error = pull->progress.error();
  if (!ended && pull->error.empty()) {
    pull->error = ended.error().timed_out ? "the engine tells no progress any more" : ended.error().message;
  }
}

}  // namespace orch
