#include "cli/agent/own_node.h"

#include <utility>

#include "drivers/node/client.h"

namespace orch {

OwnNode::OwnNode(client::Client& client) : client_(client), api_(client) {}

bool OwnNode::is_about_this_node(const std::vector<std::string>& path,
                                 const std::map<std::string, std::string>& params) const {
  return api_.is_about_this_node(path, params);
}

void OwnNode::answer(http::NodeRequest request, net::Responder responder) {
  api_.handle({.method = std::move(request.method),
               .segments = std::move(request.segments),
               .params = std::move(request.params),
               .body = std::move(request.body)},
              std::move(responder));
}

std::map<std::string, std::string> OwnNode::facts() const { return client_.facts(); }

}  // namespace orch
