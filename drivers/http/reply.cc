#include "drivers/http/reply.h"

#include "core/model/json_indent.h"
#include "drivers/clock/clock.h"

namespace orch::http {
namespace {

struct BlockingRead {
  Server& server;
  Request request;
  net::Responder responder;
  Read read;
  std::int64_t deadline_ns;
};

net::Headers index_headers(LogIndex index) {
  return {{"X-Nomad-Index", std::to_string(index)}, {"X-Nomad-KnownLeader", "true"}, {"X-Nomad-LastContact", "0"}};
}

void attempt(const std::shared_ptr<BlockingRead>& wait) {
  LogIndex seen = 0;
  std::vector<WatchKey> keys;
  {
    const Queries queries = wait->server.queries();
    std::optional<Answer> answer = wait->read.query(queries, wait->request);
    const LogIndex index = answer ? answer->index : queries.last_change(wait->read.noun);
    const bool newer = wait->request.index == 0 || index > wait->request.index;
    if (newer || monotonic_ns() >= wait->deadline_ns || wait->server.watches().closed()) {
      return send_read(wait->responder, wait->request, std::move(answer), index, wait->read.not_found, wait->read.type);
    }
    seen = queries.applied();
    keys = wait->read.watch(queries);
  }
  wait->server.watches().wait(keys, seen, wait->deadline_ns, [wait] {
    wait->responder.post([wait] { attempt(wait); });
  });
}

}  // namespace

void send_json(net::Responder& responder, const Request& request, std::string json, std::optional<LogIndex> index) {
  if (request.pretty) json = indented_json(json);
  responder.send(200, "application/json", std::move(json), index ? index_headers(*index) : net::Headers{});
}

void send_read(net::Responder& responder, const Request& request, std::optional<Answer> answer, LogIndex index,
               const std::string& not_found, std::string_view type) {
  if (!answer) return send_error(responder, 404, not_found, index_headers(index));
  if (type == json_type) return send_json(responder, request, std::move(answer->json), index);
  responder.send(200, type, std::move(answer->json), index_headers(index));
}

void send_error(net::Responder& responder, int status, std::string message, net::Headers headers) {
  responder.send(status, "text/plain; charset=utf-8", std::move(message), std::move(headers));
}

void answer_read(Server& server, Request request, net::Responder responder, Read read) {
  const std::int64_t deadline = monotonic_ns() + request.wait.ns;
  attempt(std::make_shared<BlockingRead>(server, std::move(request), std::move(responder), std::move(read), deadline));
}

}  // namespace orch::http
