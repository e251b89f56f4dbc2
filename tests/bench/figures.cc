#include "tests/bench/figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/model/json_text.h"

namespace orch::bench {
namespace {

// Three digits that say something; whole and grouped from 1,000 on.
std::string shown(double value) {
  char text[48];
  if (std::abs(value) < 1000) {
    std::snprintf(text, sizeof text, "%.*f", std::abs(value) >= 100 ? 1 : std::abs(value) >= 10 ? 2 : 3, value);
    return text;
  }
  std::snprintf(text, sizeof text, "%.0f", value);
  std::string grouped = text;
  for (std::size_t at = grouped.size(); at > 3 + (value < 0 ? 1 : 0);) grouped.insert(at -= 3, ",");
  return grouped;
}

}  // namespace

bool Goal::met_by(double value) const {
  switch (kind) {
    case Kind::none:
      return true;
    case Kind::at_most:
      return value <= bound;
    case Kind::at_least:
      return value >= bound;
  }
  return false;
}

std::string Goal::text() const {
  if (kind == Kind::none) return {};
  char number[48];
  std::snprintf(number, sizeof number, "%g", bound);
  const std::string text = std::abs(bound) < 1000 ? number : shown(bound);
  return (kind == Kind::at_most ? "<= " : ">= ") + text + (beside.empty() ? "" : " (" + beside + ")");
}

int Figures::missed() const {
  return static_cast<int>(std::ranges::count_if(figures_, [&](const Figure& f) { return missed(f); }));
}

void Figures::add(Figure figure) {
  std::fprintf(stderr, "%s: %s %s\n", figure.name.c_str(), shown(figure.value).c_str(), figure.unit.c_str());
  figures_.push_back(std::move(figure));
}

std::string Figures::table() const {
  std::size_t name = 4, value = 6, unit = 4, goal = 4;
  for (const Figure& f : figures_) {
    name = std::max(name, f.name.size());
    value = std::max(value, shown(f.value).size());
    unit = std::max(unit, f.unit.size());
    goal = std::max(goal, f.goal.text().size());
  }
  std::string out;
  auto row = [&](const std::string& a, const std::string& b, const std::string& c, const std::string& d,
                 const std::string& e, const char* verdict = "       ") {
    std::string line = verdict + a + std::string(name - a.size() + 2, ' ') + std::string(value - b.size(), ' ') + b +
                       ' ' + c + std::string(unit - c.size() + 2, ' ') + d + std::string(goal - d.size() + 2, ' ') + e;
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
  };
  row("what", "figure", "", "goal", "how");
  for (const Figure& f : figures_)
    row(f.name, shown(f.value), f.unit, f.goal.text(), f.note, missed(f) ? "MISSED " : "       ");
  return out;
}

std::string Figures::json() const {
  std::string out = "[";
  for (const Figure& f : figures_) {
    char number[48];
    std::snprintf(number, sizeof number, "%.6g", f.value);
    out += (out.size() > 1 ? ",\n " : "\n ") + std::string("{\"name\":") + quoted(f.name) + ",\"value\":" + number +
           ",\"unit\":" + quoted(f.unit) + ",\"goal\":" + quoted(f.goal.text()) +
           ",\"missed\":" + (missed(f) ? "true" : "false") + ",\"note\":" + quoted(f.note) + "}";
  }
  return out + "\n]\n";
}

double percentile(std::vector<double>& sample, double share) {
  if (sample.empty()) return 0;
  std::sort(sample.begin(), sample.end());
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sample.size()));
  return sample[std::min(at, sample.size() - 1)];
}

double median(std::vector<double> sample) { return percentile(sample, 0.5); }

}  // namespace orch::bench
