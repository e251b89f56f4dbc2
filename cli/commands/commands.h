// The commands, one function in a file of its own name each. Words are those after the command's name; the result is
// the exit code.
#pragma once

#include "cli/command.h"

namespace orch::cli {

int run_agent(const Words& words);
int run_agent_info(const Words& words);
int run_alloc_fs(const Words& words);
int run_alloc_logs(const Words& words);
int run_alloc_status(const Words& words);
int run_completion(const Words& words);
int run_deployment_fail(const Words& words);
int run_deployment_list(const Words& words);
int run_deployment_pause(const Words& words);
int run_deployment_promote(const Words& words);
int run_deployment_resume(const Words& words);
int run_deployment_status(const Words& words);
int run_eval_status(const Words& words);
int run_event_stream(const Words& words);
int run_history(const Words& words);
int run_job_history(const Words& words);
int run_job_init(const Words& words);
int run_job_inspect(const Words& words);
int run_job_plan(const Words& words);
int run_job_run(const Words& words);
int run_job_status(const Words& words);
int run_job_stop(const Words& words);
int run_job_validate(const Words& words);
int run_node_drain(const Words& words);
int run_node_eligibility(const Words& words);
int run_node_status(const Words& words);
int run_replay(const Words& words);
int run_server_members(const Words& words);
int run_service_info(const Words& words);
int run_service_list(const Words& words);
int run_status(const Words& words);
int run_version(const Words& words);

}  // namespace orch::cli
