#include "cli/agent/http/reply.h"

namespace orch::http {
namespace {

struct BlockingRead {
  Server& server;
  Request request;
  net::Responder responder;
  std::vector<WatchKey> keys;
  Read read;
  std::string not_found;
  std::string_view type;
  std::int64_t deadline_ns;
};

void attempt(const std::shared_ptr<BlockingRead>& query) {
  LogIndex seen = 0;
  {
    const Queries queries = query->server.queries();
    seen = queries.applied();
    std::optional<Answer> answer = query->read(queries);
    const LogIndex index = answer ? answer->index : seen;
    const bool newer = query->request.index == 0 || index > query->request.index;
    if (newer || monotonic_ns() >= query->deadline_ns || query->server.watches().closed()) {
      if (!answer) return send_error(query->responder, 404, query->not_found);
      if (query->type != json_type) return send_body(query->responder, query->type, std::move(answer->json), index);
      return send_json(query->responder, query->request, std::move(answer->json), index);
    }
  }
  query->server.watches().wait(query->keys, seen, query->deadline_ns, [query] {
    query->responder.post([query] { attempt(query); });
  });
}

net::Headers read_headers(LogIndex index) {
  return {{"X-Nomad-Index", std::to_string(index)}, {"X-Nomad-KnownLeader", "true"}, {"X-Nomad-LastContact", "0"}};
}

}  // namespace

void send_json(net::Responder& responder, const Request& request, std::string json, std::optional<LogIndex> index) {
  net::Headers headers;
  if (index) headers = read_headers(*index);
  if (request.pretty) json = indent(json);
  responder.send(200, "application/json", std::move(json), std::move(headers));
}

void send_body(net::Responder& responder, std::string_view type, std::string body, LogIndex index) {
  responder.send(200, type, std::move(body), read_headers(index));
}

void send_error(net::Responder& responder, int status, std::string message) {
  responder.send(status, "text/plain; charset=utf-8", std::move(message));
}

std::string indent(std::string_view json) {
  std::string out;
  out.reserve(json.size() * 2);
  int depth = 0;
  bool in_string = false;
  auto new_line = [&] {
    out += '\n';
    out.append(static_cast<std::size_t>(depth) * 4, ' ');
  };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\' && i + 1 < json.size()) out += json[++i];
      if (c == '"') in_string = false;
      continue;
    }
    switch (c) {
      case '"':
        in_string = true;
        out += c;
        break;
      case '{':
      case '[':
        out += c;
        if (i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']')) {
          out += json[++i];
          break;
        }
        ++depth;
        new_line();
        break;
      case '}':
      case ']':
        --depth;
        new_line();
        out += c;
        break;
      case ',':
        out += c;
        new_line();
        break;
      case ':': out += ": "; break;
      default:
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r') out += c;
    }
  }
  return out;
}

void answer_read(Server& server, Request request, net::Responder responder, std::vector<WatchKey> keys, Read read,
                 std::string not_found, std::string_view type) {
  const std::int64_t deadline = monotonic_ns() + request.wait.ns;
  attempt(std::make_shared<BlockingRead>(server, std::move(request), std::move(responder), std::move(keys),
                                         std::move(read), std::move(not_found), type, deadline));
}

}  // namespace orch::http
