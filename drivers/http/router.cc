#include "drivers/http/router.h"

#include <algorithm>

#include "drivers/clock/clock.h"
#include "drivers/http/reply.h"

namespace orch::http {
namespace {

constexpr std::size_t longest_shown = 200;

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(by);
    if (end != 0) parts.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return parts;
}

bool match(const std::vector<std::string>& pattern, const std::vector<std::string>& path,
           std::vector<std::string>& captures) {
  captures.clear();
  const std::size_t fixed_after = [&] {
    auto star = std::find_if(pattern.begin(), pattern.end(), [](const std::string& p) { return p[0] == '*'; });
    return star == pattern.end() ? 0 : static_cast<std::size_t>(pattern.end() - star) - 1;
  }();
  std::size_t at = 0;
  for (const std::string& part : pattern) {
    if (at >= path.size()) return false;
    if (part[0] == '*') {
      if (path.size() < at + fixed_after + 1) return false;
      std::string joined = path[at++];
      while (path.size() > at + fixed_after) joined += "/" + path[at++];
      captures.push_back(std::move(joined));
    } else if (part[0] == ':') {
      captures.push_back(path[at++]);
    } else if (part != path[at++]) {
      return false;
    }
  }
  return at == path.size();
}

/// A read that waits for what was written before it.
struct Held {
  const Endpoint& endpoint;
  Request request;
  std::vector<std::string> captures;
  net::Responder responder;
};

}  // namespace

std::string namespace_problem(const Request& request, bool reading) {
  const std::string name = request.param("namespace");
  if (name.empty() || name == "default" || (reading && name == "*")) return {};
  return "namespace \"" + name.substr(0, longest_shown) + "\" is not supported yet";
}

void Router::show_first(std::function<bool()> shown, std::function<void(std::function<void(bool)>)> when_shown) {
  shown_ = std::move(shown);
  when_shown_ = std::move(when_shown);
}

void Router::add(std::string_view methods, std::string_view pattern, Endpoint endpoint, bool reads) {
  Route route{split(methods, ' '), split(pattern, '/'), std::move(endpoint), reads};
  if (std::find(route.methods.begin(), route.methods.end(), "PUT") != route.methods.end()) {
    route.methods.push_back("POST");
  }
  routes_.push_back(std::move(route));
}

void Router::handle(const net::ServerRequest& raw, net::Responder responder) const {
  const std::int64_t now = monotonic_ns();
  requests_.add(1, now);
  if (raw.method == "GET") queries_.add(1, now);
  auto request = Request::from(raw);
  if (!request) return send_error(responder, 400, request.error());
  const std::string region = request->param("region");
  if (!region.empty() && !region_.empty() && region != region_) return send_error(responder, 500, "No path to region");
  std::vector<std::string> captures;
  std::string allowed;
  for (const Route& route : routes_) {
    if (!match(route.pattern, request->segments, captures)) continue;
    if (std::find(route.methods.begin(), route.methods.end(), request->method) == route.methods.end()) {
      for (const std::string& method : route.methods) allowed += (allowed.empty() ? "" : ", ") + method;
      continue;
    }
    const bool reading = raw.method == "GET" || route.reads;
    if (const std::string problem = namespace_problem(*request, reading); !problem.empty())
      return send_error(responder, 501, problem);
    if (shown_ && reading && !shown_()) {
      auto held =
          std::make_shared<Held>(route.endpoint, std::move(*request), std::move(captures), std::move(responder));
      return when_shown_([held](bool shown) {
        if (!shown)
          return send_error(held->responder, 503, "the read models are behind the log: is the data disk full?");
        held->responder.post([held] {
          held->endpoint(std::move(held->request), std::move(held->captures), std::move(held->responder));
        });
      });
    }
    return route.endpoint(std::move(*request), std::move(captures), std::move(responder));
  }
  if (!allowed.empty()) return send_error(responder, 405, "Invalid method", {{"Allow", allowed}});
  send_error(responder, 404, "404 page not found: " + request->path.substr(0, longest_shown));
}

}  // namespace orch::http
