#include "cli/commands/tail.h"

#include <algorithm>
#include <cstdio>

#include "core/base/assert.h"

namespace orch::cli {
namespace {

constexpr std::int64_t default_lines = 10;

bool print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return std::fflush(stdout) == 0 && written;
}

// Where the last `lines` lines begin; an end of line at the very end ends the last one.
std::size_t begin_of_last(std::string_view text, std::int64_t lines) {
  if (lines == 0) return text.size();
  std::size_t at = text.size();
  if (at != 0 && text[at - 1] == '\n') --at;
  for (std::int64_t seen = 0; at > 0; --at) {
    if (text[at - 1] == '\n' && ++seen == lines) return at;
  }
  return 0;
}

}  // namespace

void TailOptions::add_to(CommandLine& app) {
  app.add_flag("tail", tail, "The last ten lines");
  app.add_option("n", lines, "How many lines from the end");
  app.add_option("c", bytes, "How many bytes from the end");
  app.add_flag("f", follow, "Goes on with what is added");
}

std::string TailOptions::problem() const {
  if (lines >= 0 && bytes >= 0) return "give either -n or -c";
  if (lines < -1 || bytes < -1) return "-n and -c take a number from 0";
  return {};
}

std::expected<void, ApiError> print_tail(
    ApiClient& api, const TailOptions& options,
    const std::function<std::string(const char* origin, std::uint64_t offset, bool follow)>& path) {
  ORCH_ASSERT(options.problem().empty(), "what is wrong with the options has been told before");
  if (!options.from_end()) return api.stream(path("start", 0, options.follow), print);
  if (options.bytes >= 0) {
    return api.stream(path("end", static_cast<std::uint64_t>(options.bytes), options.follow), print);
  }
  const std::int64_t lines = options.lines >= 0 ? options.lines : default_lines;
  // A window from the end, doubled until the lines fit or the file is over.
  std::string window;
  std::uint64_t size = std::max<std::uint64_t>(4096, static_cast<std::uint64_t>(lines) * 128);
  std::size_t begin = 0;
  for (;; size *= 4) {
    window.clear();
    auto read =
        api.stream(path("end", size, false), [&](std::string_view piece) { return window.append(piece), true; });
    if (!read) return read;
    begin = begin_of_last(window, lines);
    if (begin != 0 || window.size() < size || size > (1u << 30)) break;
  }
  if (!options.follow) {
    print(std::string_view(window).substr(begin));
    return {};
  }
  // The follower begins with a window of the same size (or with the whole file when it was shorter): of what was there,
  // the last lines are printed; whatever comes after that passes through.
  ORCH_ASSERT(begin <= window.size(), "the last lines are part of what was read");
  const bool whole = window.size() < size;
  const std::size_t known = whole ? window.size() : size;
  std::string head;
  bool passing = false;
  if (whole) {
    print(std::string_view(window).substr(begin));
    std::size_t skip = known;
    return api.stream(path("start", 0, true), [&](std::string_view piece) {
      const std::size_t cut = std::min(skip, piece.size());
      skip -= cut;
      return piece.size() == cut || print(piece.substr(cut));
    });
  }
  auto followed = api.stream(path("end", size, true), [&](std::string_view piece) {
    if (passing) return print(piece);
    head.append(piece);
    if (head.size() < known) return true;
    passing = true;
    const std::string_view there = std::string_view(head).substr(0, known);
    return print(std::string_view(head).substr(begin_of_last(there, lines)));
  });
  // Rotation may have taken away what was there a moment ago.
  if (!passing) print(std::string_view(head).substr(begin_of_last(head, lines)));
  return followed;
}

}  // namespace orch::cli
