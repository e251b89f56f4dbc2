// Rules of constraints, affinities and spreads.
#include <re2/re2.h>

#include "core/base/format.h"
#include "core/jobspec/validate.h"
#include "core/jobspec/validate_rules.h"

namespace orch {
namespace {

// ">= 1.2, < 2.0": operators before versions, of which each begins with a digit or v.
bool is_version_requirement(const std::string& text) {
  static const RE2 one(R"(\s*(?:=|!=|>|<|>=|<=|~>)?\s*v?[0-9]+(?:\.[0-9]+)*(?:[-+.~0-9A-Za-z]*)\s*)");
  std::size_t begin = 0;
  while (true) {
    const std::size_t comma = text.find(',', begin);
    const std::string part = text.substr(begin, comma == std::string::npos ? comma : comma - begin);
    if (!RE2::FullMatch(part, one)) return false;
    if (comma == std::string::npos) return true;
    begin = comma + 1;
  }
}

}  // namespace

void check_constraints(const std::vector<Constraint>& constraints, bool of_task, Errors& errors) {
  static const std::set<std::string> operators = {"=",
                                                  "==",
                                                  "is",
                                                  "!=",
                                                  "not",
                                                  "<",
                                                  "<=",
                                                  ">",
                                                  ">=",
                                                  "regexp",
                                                  "version",
                                                  "semver",
                                                  "set_contains",
                                                  "set_contains_all",
                                                  "set_contains_any",
                                                  "distinct_hosts",
                                                  "distinct_property",
                                                  "is_set",
                                                  "is_not_set"};
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    const Constraint& c = constraints[i];
    Errors found;
    if (!operators.contains(c.operand)) {
      found.push_back("Unknown constraint type \"" + c.operand + "\"");
    } else if (c.operand == "distinct_hosts" || c.operand == "distinct_property") {
      if (of_task)
        found.push_back("Constraint of type " + c.operand + " is not allowed on a task; put it into its group");
      if (c.operand == "distinct_property" && c.l_target.empty())
        found.push_back("No LTarget provided but is required by constraint");
      if (c.operand == "distinct_property" && !c.r_target.empty()) {
        const bool digits = c.r_target.find_first_not_of("0123456789") == std::string::npos && c.r_target.size() < 10;
        if (!digits) found.push_back("Failed to convert RTarget \"" + c.r_target + "\" to uint64");
        if (digits && std::stoul(c.r_target) == 0)
          found.push_back("Distinct Property must have an allowed count of 1 or greater: 0 < 1");
      }
    } else {
      if (c.l_target.empty()) found.push_back("No LTarget provided but is required by constraint");
      static const std::set<std::string> comparisons = {"=", "==", "is", "!=", "not", "<", "<=", ">", ">="};
      if (comparisons.contains(c.operand) && c.r_target.empty())
        found.push_back("Operator \"" + c.operand + "\" requires an RTarget");
      if (c.operand == "regexp") {
        const RE2 expression(c.r_target, RE2::Quiet);
        if (!expression.ok()) found.push_back("Regular expression failed to compile: " + expression.error());
      }
      if ((c.operand == "version" || c.operand == "semver") && !is_version_requirement(c.r_target)) {
        found.push_back("Version constraint is invalid: Malformed constraint: " + c.r_target);
      }
      if (c.operand.starts_with("set_contains") && c.r_target.empty())
        found.push_back("Set contains constraint requires an RTarget");
    }
    if (!found.empty()) errors.push_back(fmt::format("Constraint {} validation failed: {}", i + 1, error_list(found)));
  }
}

void check_affinities(const std::vector<Affinity>& affinities, Errors& errors) {
  for (std::size_t i = 0; i < affinities.size(); ++i) {
    const Affinity& a = affinities[i];
    Errors found;
    // What an affinity compares is what a constraint may compare; distinct_* apart.
    if (a.operand.starts_with("distinct_")) {
      found.push_back("Unknown affinity operator \"" + a.operand + "\"");
    } else {
      Errors same;
      check_constraints({{a.l_target, a.r_target, a.operand}}, false, same);
      for (std::string& error : same) {
        const std::size_t star = error.find("* ");
        found.push_back(star == std::string::npos ? error : error.substr(star + 2));
      }
    }
    if (a.weight == 0) found.push_back("Affinity weight cannot be zero");
    if (a.weight < -100 || a.weight > 100) found.push_back("Affinity weight must be within the range [-100,100]");
    if (!found.empty()) errors.push_back(fmt::format("Affinity {} validation failed: {}", i + 1, error_list(found)));
  }
}

void check_spreads(const std::vector<Spread>& spreads, Errors& errors) {
  for (std::size_t i = 0; i < spreads.size(); ++i) {
    const Spread& s = spreads[i];
    Errors found;
    if (s.attribute.empty()) found.push_back("Missing spread attribute");
    if (s.weight <= 0 || s.weight > 100) found.push_back("Spread stanza must have a positive weight from 0 to 100");
    std::set<std::string> values;
    std::int64_t sum = 0;
    for (const SpreadTarget& target : s.targets) {
      if (!values.insert(target.value).second)
        found.push_back("Spread target value \"" + target.value + "\" already defined");
      if (target.percent < 0 || target.percent > 100) {
        found.push_back("Spread target percentage for value \"" + target.value + "\" must be between 0 and 100");
      }
      sum += target.percent;
    }
    if (sum > 100)
      found.push_back(fmt::format("Sum of spread target percentages must not be greater than 100%; got {}%", sum));
    if (!found.empty()) errors.push_back(fmt::format("Spread {} validation failed: {}", i + 1, error_list(found)));
  }
}

}  // namespace orch
