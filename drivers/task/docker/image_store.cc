#include "drivers/task/docker/image_store.h"

#include <boost/json.hpp>

#include "drivers/task/docker/container_spec.h"

namespace orch {

std::expected<void, DriverError> ImageStore::need(const std::string& image, bool pull_always,
                                                  const TaskDriver::Progress& progress) {
  const std::string name = full_image_name(image);
  if (!pull_always) {
    const auto found = engine_.call("GET", "/images/" + name + "/json");
    if (found) return {};
    if (found.error().status != 404) return std::unexpected(DriverError{found.error().message, true});
  }
  if (progress) progress("Downloading image " + name);
  std::shared_ptr<Pull> own;
  std::unique_lock lock(mutex_);
  if (const auto it = pulls_.find(name); it != pulls_.end()) {
    own = it->second;
    finished_.wait(lock, [&] { return own->done; });
  } else {
    own = pulls_[name] = std::make_shared<Pull>();
    lock.unlock();
    std::string error = pull(name);
    lock.lock();
    own->error = std::move(error);
    own->done = true;
    pulls_.erase(name);
    finished_.notify_all();
  }
  if (own->error.empty()) return {};
  return std::unexpected(DriverError{"Failed to pull `" + name + "`: " + own->error, true});
}

// The engine answers lines of progress; an error is the last of them.
std::string ImageStore::pull(const std::string& image) {
  const std::size_t at = image.find('@');
  std::string path = "/images/create?fromImage=";
  if (at != std::string::npos) {
    path += query_encoded(image);
  } else {
    const std::size_t colon = image.rfind(':');
    path += query_encoded(image.substr(0, colon)) + "&tag=" + query_encoded(image.substr(colon + 1));
  }
  std::string pending, error;
  net::HttpClient client = engine_.connection();
  const auto ended = engine_.stream(client, "POST", path, "", [&](std::string_view bytes) {
    pending += bytes;
    std::size_t begin = 0;
    for (std::size_t end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', begin)) {
      boost::json::error_code failed;
      const auto line = boost::json::parse({pending.data() + begin, end - begin}, failed);
      if (!failed && line.is_object()) {
        const auto* message = line.get_object().if_contains("error");
        if (message != nullptr && message->is_string()) error = message->get_string();
      }
      begin = end + 1;
    }
    pending.erase(0, begin);
    return true;
  });
  return ended ? error : ended.error().message;
}

}  // namespace orch
