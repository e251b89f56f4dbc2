#include "drivers/http/job_request.h"

#include "drivers/http/body.h"
#include "core/jobspec/canonicalize.h"
#include "core/jobspec/support.h"
#include "core/jobspec/validate.h"
#include "core/model/job_json.h"

namespace orch::http {
std::expected<JobRequest, std::string> JobRequest::from(const Request& request) {
  auto body = Body::parse(request.body);
  if (!body) return std::unexpected(body.error());
  const boost::json::value* job = body->member("Job");
  if (job == nullptr) return std::unexpected("Job must be specified");
  auto read = job_from_json(*job);
  if (!read) return std::unexpected("Job: " + read.error());
  JobRequest made{.job = std::move(*read)};
  made.enforce_index = body->flag("EnforceIndex").value_or(false);
  made.job_modify_index = body->number("JobModifyIndex");
  made.diff = body->flag("Diff").value_or(false);
  if (!body->problem().empty()) return std::unexpected(body->problem());
  if (made.job.id.empty()) return std::unexpected("Job ID hasn't been provided");
  canonicalize(made.job);
  return made;
}

std::vector<std::string> JobRequest::problems() const {
  std::vector<std::string> found = validate(job);
  for (std::string& refusal : refusals(job)) found.push_back(std::move(refusal));
  return found;
}

std::string JobRequest::warnings_text() const {
  const std::vector<std::string> found = warnings(job);
  return found.empty() ? std::string() : warning_list(found);
}

}  // namespace orch::http
