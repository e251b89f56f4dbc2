// /v1/jobs and /v1/job/…: register, read, plan, stop.
#include "core/jobspec/parse.h"
#include "core/jobspec/validate.h"
#include "core/model/json_text.h"
#include "core/model/json_writer.h"
#include "drivers/http/body.h"
#include "drivers/http/job_parse.h"
#include "drivers/http/job_plan.h"
#include "drivers/http/job_request.h"
#include "drivers/http/job_versions.h"
#include "drivers/http/reads.h"

namespace orch::http {
namespace {

void register_job(Context& context, Request request, net::Responder responder, const std::string& id_in_path) {
  auto made = JobRequest::from(request);
  if (!made) return send_error(responder, 400, made.error());
  if (!id_in_path.empty() && made->job.id != id_in_path) {
    return send_error(responder, 400, "Job ID does not match name");
  }
  if (const auto problems = made->problems(); !problems.empty())
    return send_error(responder, 500, error_list(problems));
  GroupBuilder group;
  group.register_job(made->job, made->enforce_index, made->job_modify_index);
  std::string bytes = group.finish(header_of(request));
  submit(context, std::move(request), std::move(responder), std::move(bytes),
         [&context, warnings = made->warnings_text()](const Answered& answered) {
           return job_write_reply(context, answered, warnings);
         });
}

void plan_job(Context& context, Request request, net::Responder responder, const std::string& id) {
  auto made = JobRequest::from(request);
  if (!made) return send_error(responder, 400, made.error());
  if (made->job.id != id) return send_error(responder, 400, "Job ID does not match");
  if (const auto problems = made->problems(); !problems.empty())
    return send_error(responder, 500, error_list(problems));
  auto shared = std::make_shared<net::Responder>(std::move(responder));
  context.server.inspect([shared, request = std::move(request), made = std::move(*made)](const State& state) {
    Answer answer = plan_answer(state, made.job, made.diff, made.warnings_text());
    send_json(*shared, request, std::move(answer.json), answer.index);
  });
}

void validate_job(Request request, net::Responder responder) {
  auto made = JobRequest::from(request);
  if (!made) return send_error(responder, 400, made.error());
  const std::vector<std::string> errors = made->problems();
  std::string out;
  JsonWriter json(out);
  json.object().member("DriverConfigValidated", true).member("Error", errors.empty() ? "" : error_list(errors));
  if (errors.empty()) {
    json.null_member("ValidationErrors");
  } else {
    json.key("ValidationErrors").array();
    for (const std::string& error : errors) json.value(error);
    json.end();
  }
  json.member("Warnings", made->warnings_text()).end();
  send_json(responder, request, std::move(out), std::nullopt);
}

void parse_hcl(Request request, net::Responder responder) {
  auto body = Body::parse(request.body);
  if (!body) return send_error(responder, 400, body.error());
  const std::string text = body->text("JobHCL");
  const bool canonical = body->flag("Canonicalize").value_or(false);
  if (!body->problem().empty()) return send_error(responder, 400, body->problem());
  if (text.empty()) return send_error(responder, 400, "Job spec is empty");
  auto job = parse_job(text, "input.hcl");
  if (!job) return send_error(responder, 400, job.error().job_text());
  send_json(responder, request, parsed_job_json(*job, canonical), std::nullopt);
}

void stop_job(Context& context, Request request, net::Responder responder, const std::string& id) {
  GroupBuilder group;
  group.deregister_job(id, request.flag("purge"));
  std::string bytes = group.finish(header_of(request));
  submit(context, std::move(request), std::move(responder), std::move(bytes), [&context](const Answered& answered) {
    std::string out;
    JsonWriter json(out);
    json.object()
        .member("EvalCreateIndex", answered.outcome.evaluation ? answered.index : 0)
        .member("EvalID", evaluation_id(context, answered.outcome.evaluation))
        .member("Index", answered.index)
        .member("JobModifyIndex", answered.outcome.job_modify_index)
        .member("KnownLeader", false)
        .member("LastContact", 0)
        .end();
    return out;
  });
}

void evaluate_job(Context& context, Request request, net::Responder responder, const std::string& id) {
  GroupBuilder group;
  const auto text = group.flat().CreateString(id);
  group.add(wire::CreateEvaluateJob(group.flat(), text));
  std::string bytes = group.finish(header_of(request));
  submit(context, std::move(request), std::move(responder), std::move(bytes),
         [&context](const Answered& answered) { return job_write_reply(context, answered, ""); });
}

// Periodic and parameterized jobs are refused when they are registered, so no job that is there is one.
void add_launches(Router& router, Context& context) {
  auto refuse = [&](const char* route, auto sentence) {
    router.add("PUT", std::string("/v1/job/*id/") + route,
               [&context, sentence](Request, std::vector<std::string> captures, net::Responder responder) {
                 const bool known = context.server.queries().job_number(captures[0]).has_value();
                 send_error(responder, 500, known ? sentence(captures[0]) : "job not found");
               },
               true);
  };
  refuse("periodic/force", [](const std::string&) { return std::string("can't force launch non-periodic job"); });
  refuse("dispatch", [](const std::string& id) { return "Specified job \"" + id + "\" is not a parameterized job"; });
}

}  // namespace

void add_job_routes(Router& router, Context& context) {
  using Captures = std::vector<std::string>;
  add_read(router, context, {"/v1/jobs", Noun::jobs, ""}, always(WatchKind::jobs),
           [](const Queries& q, const std::string&, const Request& r) { return q.jobs(r.param("prefix")); });
  router.add("PUT", "/v1/jobs", [&context](Request request, Captures, net::Responder responder) {
    register_job(context, std::move(request), std::move(responder), "");
  });
  router.add("PUT", "/v1/jobs/parse", [](Request request, Captures, net::Responder responder) {
    parse_hcl(std::move(request), std::move(responder));
  });
  router.add("PUT", "/v1/validate/job", [](Request request, Captures, net::Responder responder) {
    validate_job(std::move(request), std::move(responder));
  });

  auto of_job = [](WatchKind kind, WatchKind otherwise) {
    return [kind, otherwise](const Queries& q, const std::string& id) { return job_key(kind, otherwise, q, id); };
  };
  const auto job_itself = of_job(WatchKind::job, WatchKind::jobs);
  add_read(router, context, {"/v1/job/*id/versions", Noun::jobs, "job versions not found"}, job_itself,
           [](const Queries& q, const std::string& id, const Request& r) {
             auto answer = q.job_versions(id);
             if (answer && r.flag("diffs")) answer->json = with_diffs(answer->json);
             return answer;
           });
  add_read(router, context, {"/v1/job/*id/summary", Noun::jobs, "job not found"}, job_itself,
           [](const Queries& q, const std::string& id, const Request&) { return q.job_summary(id); });
  add_read(
      router, context, {"/v1/job/*id/allocations", Noun::allocations, ""},
      of_job(WatchKind::job_allocations, WatchKind::allocations),
      [](const Queries& q, const std::string& id, const Request& r) { return q.job_allocations(id, r.flag("all")); });
  add_read(router, context, {"/v1/job/*id/evaluations", Noun::evaluations, ""},
           of_job(WatchKind::job_evaluations, WatchKind::evaluations),
           [](const Queries& q, const std::string& id, const Request&) { return q.job_evaluations(id); });
  const auto job_deployments = of_job(WatchKind::job_deployments, WatchKind::deployments);
  add_read(router, context, {"/v1/job/*id/deployments", Noun::deployments, ""}, job_deployments,
           [](const Queries& q, const std::string& id, const Request&) { return q.job_deployments(id); });
  add_read(router, context, {"/v1/job/*id/deployment", Noun::deployments, ""}, job_deployments,
           [](const Queries& q, const std::string& id, const Request&) { return q.job_deployment(id); });

  router.add("PUT", "/v1/job/*id/plan", [&context](Request request, Captures captures, net::Responder responder) {
    plan_job(context, std::move(request), std::move(responder), captures[0]);
  });
  router.add("PUT", "/v1/job/*id/evaluate", [&context](Request request, Captures captures, net::Responder responder) {
    evaluate_job(context, std::move(request), std::move(responder), captures[0]);
  });
  add_launches(router, context);
  for (const char* later : {"revert", "stable", "scale"}) {
    router.add("PUT", std::string("/v1/job/*id/") + later, [later](Request, Captures, net::Responder responder) {
      send_error(responder, 501, std::string("job ") + later + " is not supported yet");
    });
  }

  add_read(router, context, {"/v1/job/*id", Noun::jobs, "job not found"}, job_itself,
           [](const Queries& q, const std::string& id, const Request&) { return q.job(id); });
  router.add("PUT", "/v1/job/*id", [&context](Request request, Captures captures, net::Responder responder) {
    register_job(context, std::move(request), std::move(responder), captures[0]);
  });
  router.add("DELETE", "/v1/job/*id", [&context](Request request, Captures captures, net::Responder responder) {
    stop_job(context, std::move(request), std::move(responder), captures[0]);
  });
}

}  // namespace orch::http
