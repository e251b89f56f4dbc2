// What a bench has found: figures beside the goals that they are measured against, and which of them are missed.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace orch::bench {

/// A bound, and what stands beside it for comparison.
struct Goal {
  enum class Kind { none, at_most, at_least };
  Kind kind = Kind::none;
  double bound = 0;
  std::string beside = {};  ///< "Nomad: 6.2"

  bool met_by(double value) const;
  std::string text() const;  ///< "<= 0.6 (Nomad: 6.2)"; empty for none
};
inline Goal at_most(double bound, std::string beside = {}) { return {Goal::Kind::at_most, bound, std::move(beside)}; }
inline Goal at_least(double bound, std::string beside = {}) { return {Goal::Kind::at_least, bound, std::move(beside)}; }

struct Figure {
  std::string name;   ///< "put_job_idle.p50"
  double value;
  std::string unit;   ///< "ms", "/s", "x", "MiB"
  Goal goal;          ///< none: for information
  std::string note;
};

class Figures {
 public:
  /// Without judgement (a small version of a bench) no goal counts as met or missed.
  void judge(bool judged) { judged_ = judged; }
  void add(Figure figure);
  int missed() const;
  std::string table() const;
  std::string json() const;

 private:
  bool missed(const Figure& figure) const { return judged_ && !figure.goal.met_by(figure.value); }

  bool judged_ = true;
  std::vector<Figure> figures_;
};

/// Of a sample; sorts it. `share` 0.5 is the median.
double percentile(std::vector<double>& sample, double share);
double median(std::vector<double> sample);

}  // namespace orch::bench
