#include "core/model/json_writer.h"

#include <algorithm>

#include "core/model/json_text.h"

namespace orch {
namespace {

// Whether one of eight bytes is below space, a quote or a backslash. (It may also say so of a byte above such a one,
// which changes nothing.)
bool has_special(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
  const std::uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
  return (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | ((word - ones * 0x20) & ~word)) & highs;
}

}  // namespace

bool JsonWriter::needs_escapes(std::string_view text) {
  const char* data = text.data();
  const std::size_t size = text.size();
  const auto word_at = [&]<class Word>(std::size_t i, Word word) {
    std::memcpy(&word, data + i, sizeof word);
    return word;
  };
  if (size >= 8) {
    for (std::size_t i = 0; i + 8 < size; i += 8) {
      if (has_special(word_at(i, std::uint64_t{}))) return true;
    }
    return has_special(word_at(size - 8, std::uint64_t{}));  // the last ones, some of them again
  }
  if (size >= 4) {
    return has_special(std::uint64_t{word_at(0, std::uint32_t{})} << 32 | word_at(size - 4, std::uint32_t{}));
  }
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\') return true;
  }
  return false;
}

void JsonWriter::put_escaped(std::string_view text) {
  let_go();
  append_quoted(out_, text);
  at_ = end_ = out_.data() + out_.size();
}

void JsonWriter::grow(std::size_t size) {
  ORCH_ASSERT(end_ == out_.data() + out_.size(), "while a value is being written its string is the writer's alone");
  const auto used = static_cast<std::size_t>(at_ - out_.data());
  constexpr std::size_t least = 256;
  std::size_t wanted = std::max(out_.capacity(), used + size);
  if (wanted > out_.capacity()) wanted = std::max({wanted, 2 * out_.capacity(), least});
  out_.resize_and_overwrite(wanted, [](char*, std::size_t n) { return n; });
  at_ = out_.data() + used;
  end_ = out_.data() + out_.size();
  ORCH_ASSERT(static_cast<std::size_t>(end_ - at_) >= size, "a string that grew has the room");
}

void JsonWriter::let_go() {
  ORCH_ASSERT(end_ == out_.data() + out_.size(), "while a value is being written its string is the writer's alone");
  out_.resize(static_cast<std::size_t>(at_ - out_.data()));
  end_ = at_;
}

}  // namespace orch
