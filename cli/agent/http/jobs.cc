// /v1/jobs and /v1/job/…: register, read, plan, stop.
#include <boost/json.hpp>

#include "cli/agent/http/api.h"
#include "cli/agent/http/job_plan.h"
#include "cli/agent/http/reply.h"
#include "core/jobspec/canonicalize.h"
#include "core/jobspec/parse.h"
#include "core/jobspec/support.h"
#include "core/jobspec/validate.h"
#include "core/model/document_codec.h"
#include "core/model/job_json.h"
#include "projections/ids.h"
#include "core/model/json_text.h"

namespace orch::http {
namespace {

namespace json = boost::json;

struct JobRequest {
  Job job;
  bool enforce_index = false;
  LogIndex job_modify_index = 0;
  bool diff = false;
};

/// Parses `{"Job": {...}, "EnforceIndex": …}`; answers the error itself.
std::optional<JobRequest> job_request(const Request& request, net::Responder& responder) {
  json::error_code error;
  json::monotonic_resource resource;
  const json::value body = json::parse(request.body, error, &resource);
  if (error) {
    send_error(responder, 400, request.body.empty() || error == json::error::incomplete ? "unexpected EOF" : error.message());
    return std::nullopt;
  }
  const json::object* object = body.if_object();
  const json::value* job = object != nullptr ? object->if_contains("Job") : nullptr;
  if (job == nullptr || job->is_null()) {
    send_error(responder, 400, "Job must be specified");
    return std::nullopt;
  }
  auto read = job_from_json(*job);
  if (!read) {
    send_error(responder, 400, read.error());
    return std::nullopt;
  }
  JobRequest made{.job = std::move(*read)};
  if (const json::value* v = object->if_contains("EnforceIndex"); v != nullptr && v->is_bool()) {
    made.enforce_index = v->get_bool();
  }
  if (const json::value* v = object->if_contains("JobModifyIndex"); v != nullptr && v->is_number()) {
    made.job_modify_index = v->to_number<LogIndex>();
  }
  if (const json::value* v = object->if_contains("Diff"); v != nullptr && v->is_bool()) made.diff = v->get_bool();
  if (made.job.id.empty()) {
    send_error(responder, 400, "Job ID hasn't been provided");
    return std::nullopt;
  }
  return made;
}

/// Canonical, valid and runnable, or the error is answered.
bool ready(JobRequest& made, net::Responder& responder) {
  canonicalize(made.job);
  std::vector<std::string> errors = validate(made.job);
  for (std::string& refusal : refusals(made.job)) errors.push_back(std::move(refusal));
  if (errors.empty()) return true;
  send_error(responder, 500, error_list(errors));
  return false;
}

std::string warnings_text(const Job& job) {
  const std::vector<std::string> found = warnings(job);
  return found.empty() ? std::string() : warning_list(found);
}

void register_job(Context& context, Request request, net::Responder responder, const std::string& id_in_path) {
  auto made = job_request(request, responder);
  if (!made) return;
  if (!id_in_path.empty() && made->job.id != id_in_path) {
    return send_error(responder, 400, "Job ID does not match name");
  }
  if (!ready(*made, responder)) return;
  GroupBuilder group;
  group.register_job(encode_job(made->job), made->enforce_index, made->job_modify_index);
  std::string bytes = group.finish(header_of(request));
  submit(context, std::move(request), std::move(responder), std::move(bytes),
         [&context, warnings = warnings_text(made->job)](const Answered& answered) {
           return job_write_reply(context, answered, warnings);
         });
}

void plan_job(Context& context, Request request, net::Responder responder, const std::string& id) {
  auto made = job_request(request, responder);
  if (!made) return;
  if (made->job.id != id) return send_error(responder, 400, "Job ID does not match");
  if (!ready(*made, responder)) return;
  auto shared = std::make_shared<net::Responder>(std::move(responder));
  context.server.inspect([shared, request = std::move(request), made = std::move(*made)](const State& state) {
    send_json(*shared, request, plan_answer(state, made.job, made.diff, warnings_text(made.job)), state.index());
  });
}

void validate_job(Request request, net::Responder responder) {
  auto made = job_request(request, responder);
  if (!made) return;
  canonicalize(made->job);
  std::vector<std::string> errors = validate(made->job);
  for (std::string& refusal : refusals(made->job)) errors.push_back(std::move(refusal));
  std::string list = errors.empty() ? "null" : "[";
  for (std::size_t i = 0; i < errors.size(); ++i) list += (i != 0 ? "," : "") + quoted(errors[i]);
  if (!errors.empty()) list += "]";
  send_json(responder, request,
            "{\"DriverConfigValidated\":true,\"Error\":" + quoted(errors.empty() ? "" : error_list(errors)) +
                ",\"ValidationErrors\":" + list + ",\"Warnings\":" + quoted(warnings_text(made->job)) + "}",
            std::nullopt);
}

void parse_hcl(Request request, net::Responder responder) {
  json::error_code error;
  const json::value body = json::parse(request.body, error);
  const json::object* object = error ? nullptr : body.if_object();
  const json::value* text = object != nullptr ? object->if_contains("JobHCL") : nullptr;
  if (text == nullptr || !text->is_string()) return send_error(responder, 400, "Job spec is empty");
  auto job = parse_job(text->get_string(), "input.hcl");
  if (!job) return send_error(responder, 400, job.error().job_text());
  const json::value* canonical = object->if_contains("Canonicalize");
  if (canonical != nullptr && canonical->is_bool() && canonical->get_bool()) canonicalize(*job);
  send_json(responder, request, job_to_json(*job), std::nullopt);
}

void stop_job(Context& context, Request request, net::Responder responder, const std::string& id) {
  GroupBuilder group;
  group.deregister_job(id, request.flag("purge"));
  std::string bytes = group.finish(header_of(request));
  submit(context, std::move(request), std::move(responder), std::move(bytes), [&context](const Answered& answered) {
    const std::string index = std::to_string(answered.index);
    return "{\"EvalCreateIndex\":" + index + ",\"EvalID\":\"" + evaluation_id(context, answered.outcome.evaluation) +
           "\",\"Index\":" + index + ",\"JobModifyIndex\":" + std::to_string(answered.outcome.job_modify_index) +
           ",\"KnownLeader\":false,\"LastContact\":0}";
  });
}

}  // namespace

void add_job_routes(Router& router, Context& context) {
  auto read = [&](std::string_view pattern, std::vector<WatchKey> keys, std::string not_found, auto query) {
    router.add("GET", pattern, [&context, keys, not_found, query](Request request, std::vector<std::string> captures, net::Responder responder) {
      const std::string id = captures.empty() ? std::string() : captures[0];
      answer_read(context.server, request, std::move(responder), keys,
                  [id, request, query](const Queries& queries) -> std::optional<Answer> { return query(queries, id, request); }, not_found);
    });
  };
  const WatchKey jobs{WatchKind::jobs};

  read("/v1/jobs", {jobs}, "", [](const Queries& q, const std::string&, const Request& r) { return q.jobs(r.param("prefix")); });
  router.add("PUT", "/v1/jobs", [&context](Request request, std::vector<std::string>, net::Responder responder) {
    register_job(context, std::move(request), std::move(responder), "");
  });
  router.add("PUT", "/v1/jobs/parse", [](Request request, std::vector<std::string>, net::Responder responder) {
    parse_hcl(std::move(request), std::move(responder));
  });
  router.add("PUT", "/v1/validate/job", [](Request request, std::vector<std::string>, net::Responder responder) {
    validate_job(std::move(request), std::move(responder));
  });

  read("/v1/job/*id/versions", {jobs}, "job versions not found", [](const Queries& q, const std::string& id, const Request& r) {
    return q.job_versions(id, r.flag("diffs"));
  });
  read("/v1/job/*id/summary", {jobs, {WatchKind::allocations}}, "job not found",
       [](const Queries& q, const std::string& id, const Request&) { return q.job_summary(id); });
  read("/v1/job/*id/allocations", {{WatchKind::allocations}}, "", [](const Queries& q, const std::string& id, const Request& r) {
    return q.job_allocations(id, r.flag("all"));
  });
  read("/v1/job/*id/evaluations", {{WatchKind::evaluations}}, "",
       [](const Queries& q, const std::string& id, const Request&) { return q.job_evaluations(id); });
  read("/v1/job/*id/deployments", {{WatchKind::deployments}}, "",
       [](const Queries& q, const std::string& id, const Request&) { return q.job_deployments(id); });
  read("/v1/job/*id/deployment", {{WatchKind::deployments}}, "",
       [](const Queries& q, const std::string& id, const Request&) { return q.job_deployment(id); });
  router.add("PUT", "/v1/job/*id/plan", [&context](Request request, std::vector<std::string> captures, net::Responder responder) {
    plan_job(context, std::move(request), std::move(responder), captures[0]);
  });
  router.add("PUT", "/v1/job/*id/evaluate", [&context](Request request, std::vector<std::string> captures, net::Responder responder) {
    GroupBuilder group;
    const auto id = group.flat().CreateString(captures[0]);
    group.add(wire::CreateEvaluateJob(group.flat(), id));
    std::string bytes = group.finish(header_of(request));
    submit(context, std::move(request), std::move(responder), std::move(bytes),
           [&context](const Answered& answered) { return job_write_reply(context, answered, ""); });
  });
  for (const char* later : {"revert", "stable", "dispatch", "periodic/force", "scale"}) {
    router.add("PUT", std::string("/v1/job/*id/") + later, [later](Request, std::vector<std::string>, net::Responder responder) {
      send_error(responder, 501, std::string("job ") + later + " is not supported yet");
    });
  }
  read("/v1/job/*id", {jobs}, "job not found",
       [](const Queries& q, const std::string& id, const Request&) { return q.job(id); });
  router.add("PUT", "/v1/job/*id", [&context](Request request, std::vector<std::string> captures, net::Responder responder) {
    register_job(context, std::move(request), std::move(responder), captures[0]);
  });
  router.add("DELETE", "/v1/job/*id", [&context](Request request, std::vector<std::string> captures, net::Responder responder) {
    stop_job(context, std::move(request), std::move(responder), captures[0]);
  });
}

}  // namespace orch::http
