// What the engine tells while it pulls an image, summed up for a task event.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace orch {

class PullProgress {
 public:
  /// Bytes of the engine's answer as they come: one JSON object per line.
  void take(std::string_view bytes);

  /// The engine's last word when it could not pull; else empty.
  const std::string& error() const { return error_; }

  /// "Pulled 1/3 (3.2 MiB/10.4 MiB) layers: 1 waiting/1 pulling"; empty while no layer is known.
  std::string text() const;
  /// "3 layers, 10.4 MiB"; "image is up to date" when nothing had to be fetched.
  std::string summary() const;

 private:
  struct Layer {
    enum class State { waiting, pulling, done, was_there } state = State::waiting;
    std::int64_t got = 0, size = 0;
  };
  void line(std::string_view text);

  std::string pending_, error_;
  std::map<std::string, Layer, std::less<>> layers_;
};

}  // namespace orch
