#include "cli/agent/reload.h"

namespace orch {

ReloadPlan compare_options(const AgentOptions& now, const AgentOptions& fresh) {
  ReloadPlan plan;
  auto fixed = [&](const char* name, const auto& a, const auto& b) {
    if (!(a == b)) plan.needs_restart.emplace_back(name);
  };
  plan.log_level = now.log_level != fresh.log_level;
  plan.node = now.client.meta != fresh.client.meta || now.client.node_class != fresh.client.node_class;

  fixed("region", now.region, fresh.region);
  fixed("datacenter", now.datacenter, fresh.datacenter);
  fixed("name", now.node_name, fresh.node_name);
  fixed("data_dir", now.data_dir, fresh.data_dir);
  fixed("bind_addr", now.bind, fresh.bind);
  fixed("addresses", now.http_address, fresh.http_address);
  fixed("advertise", now.http_advertise, fresh.http_advertise);
  fixed("ports", now.http_port, fresh.http_port);
  fixed("server", now.server, fresh.server);
  AgentOptions::Client client = fresh.client;
  client.meta = now.client.meta;
  client.node_class = now.client.node_class;
  client.options = now.client.options;  // compared by what they say of the drivers
  fixed("client", now.client, client);
  fixed("drivers", now.drivers, fresh.drivers);
  return plan;
}

}  // namespace orch
