// What a node answers under /v1/client: its usage, its allocations' usage, and their files and logs.
//
// Bound to the responder only, so that the agent's router stays where it is: drivers/http hands over what comes after
// "/v1/client/". `handle` does not block; work goes to the client's pool, streams each to a thread of it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/net/http_server.h"
#include "drivers/net/pool.h"

namespace orch::client {

class Client;

struct ClientRequest {
  std::string method;                          ///< GET, PUT, POST
  std::vector<std::string> segments;           ///< after "client", decoded: {"fs", "ls", id}
  std::map<std::string, std::string> params;   ///< decoded
  std::string body;
};

class ClientApi {
 public:
  /// The client must outlive this.
  explicit ClientApi(Client& client);

  /// Whether a request below /v1/client (its whole path, decoded) is for this node to answer: about the node itself, or
  /// an allocation that is here. Another one is for the servers to pass on.
  bool is_about_this_node(const std::vector<std::string>& path, const std::map<std::string, std::string>& params) const;

  /// Answers every path below /v1/client, unknown ones with 404.
  void handle(ClientRequest request, net::Responder responder);

 private:
  struct Call;
  /// Answers 503 when there is no thread for `work`.
  void on_a_thread(const Call& call, net::Pool::Job work);
  void host_stats(Call call);
  void allocation(Call call);
  void files(Call call);
  void logs(Call call);
  static bool path_is_logs(const std::string& segment);

  Client& client_;
};

}  // namespace orch::client
