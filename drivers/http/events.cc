// GET /v1/event/stream: Nomad's event stream, from any index of the log.
#include <charconv>

#include "drivers/http/api.h"
#include "drivers/http/event_streams.h"
#include "drivers/http/reply.h"

namespace orch::http {
namespace {

// A topic that there isn't would never say a word, and its reader would wait for ever.
std::string topic_problem(const std::string& topic, const std::string& asked) {
  if (topic.empty()) return "Invalid topic: expected TOPIC or TOPIC:KEY, got \"" + asked + "\"";
  std::string known;
  for (const char* name : event_topics) {
    if (topic == name) return {};
    known += std::string(name) + ", ";
  }
  return topic == "*" ? "" : "Invalid topic: \"" + topic.substr(0, 100) + "\" is none of " + known + "or * for all";
}

}  // namespace

void add_event_routes(Router& router, Context& context) {
  router.add(
      "GET", "/v1/event/stream", [&context](Request request, std::vector<std::string>, net::Responder responder) {
        TopicFilter filter;
        const auto [begin, end] = request.repeated.equal_range("topic");
        for (auto it = begin; it != end; ++it) {
          const std::size_t colon = it->second.find(':');
          const std::string topic = it->second.substr(0, colon);
          if (const std::string problem = topic_problem(topic, it->second); !problem.empty())
            return send_error(responder, 400, problem);
          filter[topic].insert(colon == std::string::npos ? "*" : it->second.substr(colon + 1));
        }
        if (filter.empty()) filter["*"].insert("*");
        auto writer = responder.stream(200, "application/json", {});
        context.streams->add(std::move(writer), request.index, std::move(filter), request.param("follow") != "false");
      });
}

}  // namespace orch::http
