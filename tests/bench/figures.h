// What a bench has found: figures beside the goals that they are measured against. Nothing here passes or fails.
#pragma once

#include <string>
#include <vector>

namespace orch::bench {

struct Figure {
  std::string name;   ///< "put_job_idle.p50"
  double value;
  std::string unit;   ///< "ms", "/s", "x", "MiB"
  std::string goal;   ///< as the project says it: "<= 1.5 x the bare commit"; empty: for information
  std::string note;
};

class Figures {
 public:
  void add(Figure figure);
  std::string table() const;
  std::string json() const;

 private:
  std::vector<Figure> figures_;
};

/// Of a sample; sorts it. `share` 0.5 is the median.
double percentile(std::vector<double>& sample, double share);
double median(std::vector<double> sample);

}  // namespace orch::bench
