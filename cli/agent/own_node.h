// The node client of this agent, as the HTTP interface knows it.
#pragma once

#include "drivers/http/node_port.h"
#include "drivers/node/client_api.h"

namespace orch {

class OwnNode final : public http::NodePort {
 public:
  /// Answers nothing but "not running" until the client has started. The client must outlive this.
  explicit OwnNode(client::Client& client);

  bool is_about_this_node(const std::vector<std::string>& path,
                          const std::map<std::string, std::string>& params) const override;
  void answer(http::NodeRequest request, net::Responder responder) override;
  std::map<std::string, std::string> facts() const override;

 private:
  client::Client& client_;
  client::ClientApi api_;
};

}  // namespace orch
