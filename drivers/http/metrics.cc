#include "drivers/http/metrics.h"

#include <boost/json.hpp>

#include "core/base/time_text.h"
#include "drivers/clock/clock.h"
#include "drivers/http/reply.h"

namespace orch::http {
namespace {

namespace json = boost::json;

struct Gauge {
  const char* name;
  const char* help;
  double value;
};

std::vector<Gauge> gauges(const Context& context, const State& state) {
  std::size_t running = 0, pending = 0, ready = 0;
  for (const JobState& job : state.jobs()) {
    for (const GroupSummary& s : job.summary) {
      running += s.running;
      pending += s.starting;
    }
  }
  for (const NodeState& node : state.nodes()) ready += node.ready() ? 1 : 0;
  return {
      {"nomad.nomad.log.head", "Index of the newest record group.", static_cast<double>(context.server.log().head())},
      {"nomad.nomad.jobs", "Jobs ever registered.", static_cast<double>(state.jobs().size())},
      {"nomad.nomad.allocations", "Allocations ever placed.", static_cast<double>(state.allocations().size())},
      {"nomad.client.allocs.running", "Allocations that run.", static_cast<double>(running)},
      {"nomad.client.allocs.pending", "Allocations that start.", static_cast<double>(pending)},
      {"nomad.nomad.broker.total_ready", "Evaluations that wait for a plan.",
       static_cast<double>(state.pending().size())},
      {"nomad.nomad.nodes.ready", "Nodes that take work.", static_cast<double>(ready)}};
}

struct Counted {
  const char* name;
  const char* help;
  Counter& counter;
};

std::vector<Counted> counters(Context& context, const Router& router) {
  return {{"nomad.nomad.rpc.request", "Requests to the API.", router.requests()},
          {"nomad.nomad.rpc.query", "Requests that read.", router.queries()},
          {"nomad.raft.apply", "Record groups appended to the log.", context.server.appended()}};
}

std::string prometheus(const std::vector<Gauge>& gauges, const std::vector<Counted>& counters) {
  std::string out;
  auto line = [&](std::string name, const char* help, const char* type, double value) {
    for (char& c : name) c = c == '.' ? '_' : c;
    out += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n" + name + " " +
           std::to_string(static_cast<long long>(value)) + "\n";
  };
  for (const Gauge& g : gauges) line(g.name, g.help, "gauge", g.value);
  for (const Counted& c : counters) line(c.name, c.help, "counter", static_cast<double>(c.counter.total()));
  return out;
}

// "2026-11-24 00:48:50 +0000 UTC", to the second, as Nomad writes this one time.
std::string moment(WallTime wall) {
  std::string text = rfc3339({wall.ns / 1'000'000'000 * 1'000'000'000});
  text[10] = ' ';
  text.back() = ' ';
  return text + "+0000 UTC";
}

json::object in_json(const Context& context, const std::vector<Gauge>& gauges, const std::vector<Counted>& counters) {
  const json::object labels{{"host", context.facts.name}};
  json::array gauge_list, counter_list;
  for (const Gauge& g : gauges)
    gauge_list.push_back(json::object{{"Labels", labels}, {"Name", g.name}, {"Value", g.value}});
  for (const Counted& c : counters) {
    const auto count = c.counter.last_interval(monotonic_ns());
    const double one = count == 0 ? 0 : 1;
    counter_list.push_back(
        json::object{{"Count", count},
                     {"Labels", labels},
                     {"Max", one},
                     {"Mean", one},
                     {"Min", one},
                     {"Name", c.name},
                     {"Rate", static_cast<double>(count) * 1e9 / static_cast<double>(Counter::interval_ns)},
                     {"Stddev", 0.0},
                     {"Sum", static_cast<double>(count)}});
  }
  return {{"Counters", counter_list},
          {"Gauges", gauge_list},
          {"Points", json::array{}},
          {"Samples", json::array{}},
          {"Timestamp", moment(wall_now())}};
}

}  // namespace

void add_metrics_route(Router& router, Context& context) {
  router.add(
      "GET", "/v1/metrics", [&context, &router](Request request, std::vector<std::string>, net::Responder responder) {
        const std::string format = request.param("format");
        if (!format.empty() && format != "prometheus") {
          return send_error(responder, 400, "format: expected \"prometheus\" or nothing, got \"" + format + "\"");
        }
        auto shared = std::make_shared<net::Responder>(std::move(responder));
        context.server.inspect([&context, &router, request = std::move(request), shared](const State& state) {
          const auto now = gauges(context, state);
          const auto counted = counters(context, router);
          if (!request.param("format").empty())
            return shared->send(200, "text/plain; version=0.0.4", prometheus(now, counted));
          send_json(*shared, request, json::serialize(in_json(context, now, counted)), std::nullopt);
        });
      });
}

}  // namespace orch::http
