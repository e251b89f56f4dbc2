#include "cli/command.h"
#include "cli/commands/commands.h"

namespace orch::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      {"agent", "Runs a server, a node client, or both", run_agent},
      {"agent-info", "Shows what an agent knows of itself", run_agent_info},
      {"alloc fs", "Lists and prints files of an allocation", run_alloc_fs},
      {"alloc logs", "Prints or follows a task's output", run_alloc_logs},
      {"alloc status", "Shows an allocation", run_alloc_status},
      {"alloc-status", "", run_alloc_status},
      {"completion", "Completion of commands, options and ids in a shell", run_completion},
      {"deployment fail", "Marks a deployment as failed", run_deployment_fail},
      {"deployment list", "Lists deployments", run_deployment_list},
      {"deployment pause", "Pauses a deployment", run_deployment_pause},
      {"deployment promote", "Promotes a deployment's canaries (not supported yet)", run_deployment_promote},
      {"deployment resume", "Resumes a paused deployment", run_deployment_resume},
      {"deployment status", "Shows a deployment, or follows it to its end", run_deployment_status},
      {"eval status", "Shows an evaluation, or follows it to its end", run_eval_status},
      {"eval-status", "", run_eval_status},
      {"event stream", "Prints what happens, from any index on", run_event_stream},
      {"fs", "", run_alloc_fs},
      {"history", "Prints the log, a line per record", run_history},
      {"init", "", run_job_init},
      {"inspect", "", run_job_inspect},
      {"job history", "Lists a job's versions", run_job_history},
      {"job init", "Writes an example job file", run_job_init},
      {"job inspect", "Prints a job as the API has it", run_job_inspect},
      {"job plan", "Shows what running a job would do", run_job_plan},
      {"job run", "Registers a job and follows it", run_job_run},
      {"job status", "Lists jobs, or shows one", run_job_status},
      {"job stop", "Stops a job", run_job_stop},
      {"job validate", "Checks a job file", run_job_validate},
      {"logs", "", run_alloc_logs},
      {"node drain", "Drains a node (not supported yet)", run_node_drain},
      {"node eligibility", "Says whether a node takes new work", run_node_eligibility},
      {"node status", "Lists nodes, or shows one", run_node_status},
      {"node-status", "", run_node_status},
      {"plan", "", run_job_plan},
      {"replay", "Folds a log again and says what comes out", run_replay},
      {"run", "", run_job_run},
      {"server members", "Lists servers", run_server_members},
      {"server-members", "", run_server_members},
      {"service info", "Shows where a service is offered", run_service_info},
      {"service list", "Lists the services that tasks offer", run_service_list},
      {"status", "Shows jobs, or whatever an id names", run_status},
      {"stop", "", run_job_stop},
      {"validate", "", run_job_validate},
      {"version", "Prints the version", run_version},
  };
  return all;
}

}  // namespace orch::cli
