#include "drivers/task/docker/pull_progress.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

namespace orch {
namespace {

std::string mebibytes(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1 << 20));
  return text;
}

std::int64_t number(const boost::json::object& object, const char* key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

}  // namespace

void PullProgress::take(std::string_view bytes) {
  pending_ += bytes;
  std::size_t begin = 0;
  for (std::size_t end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n', begin)) {
    line(std::string_view(pending_).substr(begin, end - begin));
    begin = end + 1;
  }
  pending_.erase(0, begin);
}

void PullProgress::line(std::string_view text) {
  boost::json::error_code failed;
  const auto parsed = boost::json::parse({text.data(), text.size()}, failed);
  const auto* object = failed ? nullptr : parsed.if_object();
  if (object == nullptr) return;
  if (const auto* message = object->if_contains("error"); message != nullptr && message->is_string())
    error_ = message->get_string();
  const auto* id = object->if_contains("id");
  const auto* status = object->if_contains("status");
  if (id == nullptr || !id->is_string() || status == nullptr || !status->is_string()) return;
  const std::string_view word = status->get_string();
  if (word.starts_with("Pulling from")) return;  // the id is the tag, not a layer's
  Layer& layer = layers_[std::string(id->get_string())];
  if (word == "Already exists") {
    layer.state = Layer::State::was_there;
  } else if (word == "Pull complete") {
    layer.state = Layer::State::done;
    layer.got = layer.size;
  } else if (word == "Downloading") {
    layer.state = Layer::State::pulling;
    if (const auto* detail = object->if_contains("progressDetail"); detail != nullptr && detail->is_object()) {
      layer.got = number(detail->get_object(), "current");
      layer.size = std::max(layer.size, number(detail->get_object(), "total"));
    }
  } else if (word == "Extracting") {
    layer.state = Layer::State::pulling;
    // Small layers arrive between two reports: their size is known from here only.
    if (const auto* detail = object->if_contains("progressDetail"); detail != nullptr && detail->is_object()) {
      layer.size = std::max(layer.size, number(detail->get_object(), "total"));
    }
    layer.got = layer.size;
  } else if (word == "Download complete" || word == "Verifying Checksum") {
    layer.state = Layer::State::pulling;
    layer.got = layer.size;
  }
}

std::string PullProgress::text() const {
  if (layers_.empty()) return "";
  std::size_t done = 0, waiting = 0, pulling = 0;
  std::int64_t got = 0, size = 0;
  for (const auto& [id, layer] : layers_) {
    done += layer.state == Layer::State::done || layer.state == Layer::State::was_there;
    waiting += layer.state == Layer::State::waiting;
    pulling += layer.state == Layer::State::pulling;
    got += layer.got;
    size += layer.size;
  }
  return "Pulled " + std::to_string(done) + "/" + std::to_string(layers_.size()) + " (" + mebibytes(got) + "/" +
         mebibytes(size) + ") layers: " + std::to_string(waiting) + " waiting/" + std::to_string(pulling) + " pulling";
}

std::string PullProgress::summary() const {
  std::int64_t size = 0;
  std::size_t fetched = 0;
  for (const auto& [id, layer] : layers_) {
    if (layer.state == Layer::State::was_there) continue;
    ++fetched;
    size += layer.size;
  }
  if (fetched == 0) return "it is up to date";
  return std::to_string(fetched) + (fetched == 1 ? " layer, " : " layers, ") + mebibytes(size);
}

}  // namespace orch
