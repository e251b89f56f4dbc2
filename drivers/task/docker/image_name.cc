#include "drivers/task/docker/image_name.h"

#include <algorithm>
#include <string_view>

namespace orch {
namespace {

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_name(std::string_view text, std::string_view also) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter_or_digit(c) || also.find(c) != std::string_view::npos;
  });
}

/// Parts between slashes, none of them empty; the first may be a host with a port.
bool is_repository(std::string_view text) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    const bool host = begin == 0 && end < text.size();
    if (!is_name(part, host ? "._-:[]" : "._-") || part.front() == '.' || part.front() == '-') return false;
    begin = end + 1;
  }
  return true;
}

}  // namespace

std::expected<ImageName, std::string> ImageName::parse(const std::string& text) {
  constexpr std::string_view scheme = "https://";
  const auto invalid = [&] { return std::unexpected("image: \"" + text + "\" is no valid name of an image"); };
  ImageName name;
  std::string rest = text.starts_with(scheme) ? text.substr(scheme.size()) : text;
  if (const std::size_t at = rest.find('@'); at != std::string::npos) {
    name.digest = rest.substr(at + 1);
    rest.resize(at);
    const std::size_t colon = name.digest.find(':');
    if (colon == std::string::npos || !is_name(std::string_view(name.digest).substr(0, colon), "+._-") ||
        !is_name(std::string_view(name.digest).substr(colon + 1), "=_-")) {
      return invalid();
    }
  }
  // A colon before the last slash belongs to the host.
  const std::size_t slash = rest.rfind('/'), colon = rest.rfind(':');
  if (colon != std::string::npos && (slash == std::string::npos || colon > slash)) {
    name.tag = rest.substr(colon + 1);
    rest.resize(colon);
    if (name.tag.size() > 128 || !is_name(name.tag, "._-") || name.tag.front() == '.' || name.tag.front() == '-')
      return invalid();
  }
  if (!is_repository(rest)) return invalid();
  if (!name.digest.empty()) {
    name.tag.clear();
  } else if (name.tag.empty()) {
    name.tag = "latest";
  }
  const std::string first = rest.substr(0, rest.find('/'));
  const bool has_host =
      first.size() < rest.size() && (first.find_first_of(".:") != std::string::npos || first == "localhost");
  name.registry = has_host ? first : "docker.io";
  name.repository = std::move(rest);
  return name;
}

std::string ImageName::full() const { return digest.empty() ? repository + ":" + tag : repository + "@" + digest; }

}  // namespace orch
