// PUT /v1/node/register: what a node client says of itself, judged before it becomes a command.
#pragma once

#include "drivers/http/api.h"

namespace orch::http {

/// Answered when the record is durable. A node that is known must bring the secret that it first registered with; the
/// log keeps only the secret's digest.
void register_node(Context& context, Request request, net::Responder responder);

/// What follows a registration or a heartbeat: how long until the next one is due, and the index.
std::string node_answer(const Context& context, LogIndex index);

}  // namespace orch::http
