#include "core/scheduler/constraint.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <vector>

#include "core/base/assert.h"

namespace orch {
namespace {

std::optional<std::string> find(const StringMap& map, std::string_view key) {
  auto it = map.find(std::string(key));
  if (it == map.end()) return std::nullopt;
  return it->second;
}

std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

std::vector<std::string_view> split(std::string_view s) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t comma = s.find(',');
    parts.push_back(trim(s.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    s.remove_prefix(comma + 1);
  }
}

struct Version {
  std::vector<std::uint64_t> numbers;  // at least three: "1.2" is 1.2.0
  std::string pre_release;
  std::size_t given = 0;  // how many of the numbers stood in the text, at least one

  /// What a text leaves out is 0, however many numbers the other side has.
  std::uint64_t at(std::size_t i) const { return i < numbers.size() ? numbers[i] : 0; }
};

std::optional<Version> parse_version(std::string_view s) {
  s = trim(s);
  if (!s.empty() && s.front() == 'v') s.remove_prefix(1);
  s = s.substr(0, s.find('+'));
  Version version;
  const std::size_t dash = s.find('-');
  if (dash != std::string_view::npos) version.pre_release = s.substr(dash + 1);
  s = s.substr(0, dash);
  while (!s.empty()) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), number);
    if (error != std::errc{}) return std::nullopt;
    version.numbers.push_back(number);
    s.remove_prefix(static_cast<std::size_t>(end - s.data()));
    if (s.empty()) break;
    if (s.front() != '.') return std::nullopt;
    s.remove_prefix(1);
  }
  if (version.numbers.empty()) return std::nullopt;
  version.given = version.numbers.size();
  if (version.numbers.size() < 3) version.numbers.resize(3);
  ORCH_ASSERT(version.given >= 1 && version.given <= version.numbers.size(), "a version has the numbers that it gives");
  return version;
}

int compare(const Version& a, const Version& b) {
  for (std::size_t i = 0; i < std::max(a.numbers.size(), b.numbers.size()); ++i) {
    if (a.at(i) != b.at(i)) return a.at(i) < b.at(i) ? -1 : 1;
  }
  if (a.pre_release == b.pre_release) return 0;
  if (a.pre_release.empty()) return 1;
  if (b.pre_release.empty()) return -1;
  return a.pre_release < b.pre_release ? -1 : 1;
}

bool in_set(const std::vector<std::string_view>& have, std::string_view wanted) {
  return std::find(have.begin(), have.end(), wanted) != have.end();
}

}  // namespace

std::optional<std::string> resolve_target(std::string_view target, const Node& node) {
  if (!target.starts_with("${") || !target.ends_with("}")) return std::string(target);
  std::string_view name = target.substr(2, target.size() - 3);
  if (name == "node.unique.id") return node.id;
  if (name == "node.unique.name") return node.name;
  if (name == "node.datacenter") return node.datacenter;
  if (name == "node.class") return node.node_class;
  if (name == "node.region") return "global";
  if (name.starts_with("attr.")) return find(node.attributes, name.substr(5));
  if (name.starts_with("meta.")) return find(node.meta, name.substr(5));
  return std::nullopt;
}

bool version_satisfies(std::string_view text, std::string_view requirement) {
  const auto version = parse_version(text);
  if (!version) return false;
  for (std::string_view part : split(requirement)) {
    std::size_t length = part.find_first_not_of("=!<>~");
    if (length == std::string_view::npos) return false;
    const std::string_view operation = part.substr(0, length);
    const auto wanted = parse_version(part.substr(length));
    if (!wanted) return false;
    const int order = compare(*version, *wanted);
    bool holds = false;
    if (operation.empty() || operation == "=") holds = order == 0;
    if (operation == "!=") holds = order != 0;
    if (operation == ">") holds = order > 0;
    if (operation == ">=") holds = order >= 0;
    if (operation == "<") holds = order < 0;
    if (operation == "<=") holds = order <= 0;
    if (operation == "~>") {
      // Same numbers up to the last one given, which may grow.
      holds = order >= 0;
      for (std::size_t i = 0; i + 1 < wanted->given; ++i) holds = holds && version->at(i) == wanted->at(i);
    }
    if (!holds) return false;
  }
  return true;
}

bool meets(const Constraint& constraint, const Node& node) {
  const std::string& op = constraint.operand;
  if (op == "distinct_hosts" || op == "distinct_property") return true;
  const auto left = resolve_target(constraint.l_target, node);
  if (op == "is_set") return left.has_value();
  if (op == "is_not_set") return !left.has_value();
  const auto right = resolve_target(constraint.r_target, node);
  if (op == "!=" || op == "not") return left != right;  // what is absent differs from what is there, as in Nomad
  if (!left || !right) return false;
  if (op == "=" || op == "==" || op == "is") return *left == *right;
  if (op == "<") return *left < *right;
  if (op == "<=") return *left <= *right;
  if (op == ">") return *left > *right;
  if (op == ">=") return *left >= *right;
  if (op == "version" || op == "semver") return version_satisfies(*left, *right);
  if (op == "regexp") {
    // Compiled each time: verdicts are kept per shape (feasible.h), so a node is asked once.
    RE2::Options quiet;
    quiet.set_log_errors(false);
    const RE2 pattern(*right, quiet);
    return pattern.ok() && RE2::PartialMatch(*left, pattern);
  }
  if (op == "set_contains" || op == "set_contains_all" || op == "set_contains_any") {
    const auto have = split(*left);
    const auto wanted = split(*right);
    const auto found = [&](std::string_view w) { return in_set(have, w); };
    if (op == "set_contains_any") return std::any_of(wanted.begin(), wanted.end(), found);
    return std::all_of(wanted.begin(), wanted.end(), found);
  }
  return false;
}

std::string text(const Constraint& constraint) {
  return constraint.l_target + " " + constraint.operand + " " + constraint.r_target;
}

}  // namespace orch
