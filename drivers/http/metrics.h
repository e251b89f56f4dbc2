// `/v1/metrics`: gauges of the moment and counters of the last ten seconds, as Nomad's JSON or as Prometheus text.
#pragma once

#include "drivers/http/api.h"

namespace orch::http {

void add_metrics_route(Router& router, Context& context);

}  // namespace orch::http
