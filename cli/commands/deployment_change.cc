// orch deployment fail|pause|resume|promote ID
#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/commands/deployment_lookup.h"
#include "cli/commands/monitor.h"
#include "cli/format/shown.h"

namespace orch::cli {
namespace {

int change(const Words& words, const std::string& verb, const std::string& doing, const std::string& done,
           const std::string& path, const std::string& body) {
  CommandLine app{"Marks a deployment: " + verb + ".", "orch deployment " + verb};
  GeneralOptions general;
  std::string prefix;
  bool detach = false, verbose = false;
  general.add_to(app);
  app.add_argument("deployment", prefix, "Deployment, or the beginning of its id", Need::required, Offer::deployments);
  app.add_flag("detach", detach, "Does not follow the evaluation");
  app.add_flag("verbose", verbose, "Whole ids");
  app.add_example("orch deployment " + verb + " 4942d8c4");
  if (auto over = app.parse(words)) return *over;
  ApiClient api(general);
  const auto deployment = deployment_of_prefix(api, prefix, "retrieving");
  if (!deployment) return deployment.error();
  const std::string id = text_of(*deployment, "ID");
  const auto answer = api.put("/v1/deployment/" + path + "/" + id, "{\"DeploymentID\":\"" + id + "\"" + body + "}");
  if (!answer) return complain("Error " + doing + " deployment: " + answer.error().message);
  if (!done.empty()) print_line("Deployment \"" + id + "\" " + done);
  const std::string evaluation = text_of(answer->json, "EvalID");
  if (evaluation.empty() || verb == "pause") return 0;
  print_line("");
  if (detach) {
    print_line("Evaluation ID: " + evaluation);
    return 0;
  }
  return monitor_evaluation(api, evaluation, verbose);
}

}  // namespace

Command deployment_fail_command() {
  return {"deployment fail", "Marks a deployment as failed",
          [](const Words& words) { return change(words, "fail", "failing", "failed", "fail", ""); }};
}
Command deployment_pause_command() {
  return {"deployment pause", "Pauses a deployment",
          [](const Words& words) { return change(words, "pause", "pausing", "paused", "pause", ",\"Pause\":true"); }};
}
Command deployment_resume_command() {
  return {"deployment resume", "Resumes a paused deployment", [](const Words& words) {
            return change(words, "resume", "resuming", "resumed", "pause", ",\"Pause\":false");
          }};
}
Command deployment_promote_command() {
  return {"deployment promote", "Promotes a deployment's canaries (not supported yet)", [](const Words& words) {
            return change(words, "promote", "promoting", "promoted", "promote", ",\"All\":true");
          }};
}

}  // namespace orch::cli
