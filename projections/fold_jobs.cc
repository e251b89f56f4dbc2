// Rows of jobs: the job itself, its versions, its entry in the list.
#include <algorithm>

#include "projections/folds.h"
#include "projections/job_entry.h"
#include "projections/rows.h"

namespace orch {

void JobFold::registered(const FoldedGroup& group, JobNumber n, Changes& out) {
  // A stop may have come in the same group as the registration: every version of now is written when it is new to the
  // row's key, which is cheap since most groups bring one.
  const JobState& job = group.state.job(n);
  new_versions_.push_back({n, job.newest(), job.stopped});
  changed(group, n, out);
}

void JobFold::changed(const FoldedGroup& group, JobNumber n, Changes& out) {
  out.touch(Noun::jobs, group.index);
  if (!written_.first_time(n.value, group.index)) return;
  out.put(Table::jobs, version_key(n.value, group.index), JobRow::encode(group.state.job(n)));
  listed_anew_.push_back(n);
}

void JobFold::flush(const State& state, Changes& out) {
  for (const NewVersion& v : new_versions_) {
    out.put(Table::job_versions, key_of(v.job.value, v.version.version), JobVersionRow::encode(v.version, v.stop));
  }
  std::sort(listed_anew_.begin(), listed_anew_.end());
  listed_anew_.erase(std::unique(listed_anew_.begin(), listed_anew_.end()), listed_anew_.end());
  for (JobNumber n : listed_anew_) {
    const JobState& job = state.job(n);
    if (job.purged) {
      // Another job may have taken the id since.
      if (!state.find_job(job.id)) out.rows.erase(Table::job_ids, job.id);
    } else {
      out.put(Table::job_ids, job.id, JobEntry::encode(n, job));
    }
  }
  new_versions_.clear();
  listed_anew_.clear();
}

}  // namespace orch
