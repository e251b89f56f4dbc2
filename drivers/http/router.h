// Routes: method and path pattern → endpoint. Each noun registers its own in its own file.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/http/request.h"
#include "drivers/server/counter.h"

namespace orch::http {

/// Called on an I/O thread; must not block. `captures` are the values of the pattern's `:name` segments, in order; a
/// `*name` takes one or more segments (job ids may contain a slash).
using Endpoint = std::function<void(Request request, std::vector<std::string> captures, net::Responder responder)>;

/// There is one namespace, "default"; where a request reads, "*" stands for all of them. Empty for these; for any
/// other, whose questions would be answered from this one, the sentence of the 501.
std::string namespace_problem(const Request& request, bool reading);

class Router {
 public:
  /// `methods`: "GET", "PUT" (also POST) or "DELETE"; several by spaces.
  /// `reads`: it answers from the views although its method is none of reading.
  void add(std::string_view methods, std::string_view pattern, Endpoint endpoint, bool reads = false);

  /// The only region that is answered for; requests for another get 500.
  void serve_region(std::string region) { region_ = std::move(region); }

  /// Finds the first pattern that fits, in order of registration; 404 without one, 405 when only the method differs,
  /// 501 for another namespace than "default" (or "*" where it reads).
  void handle(const net::ServerRequest& raw, net::Responder responder) const;

  /// Reads (GET) wait while `shown` answers false; `when_shown` calls back with true once they may go on, and with
  /// false when what they ask of can't be read (503).
  void show_first(std::function<bool()> shown, std::function<void(std::function<void(bool)>)> when_shown);
  Counter& requests() const { return requests_; }
  Counter& queries() const { return queries_; }

 private:
  struct Route {
    std::vector<std::string> methods;
    std::vector<std::string> pattern;
    Endpoint endpoint;
    bool reads;
  };
  mutable Counter requests_, queries_;
  std::vector<Route> routes_;
  std::function<bool()> shown_;
  std::function<void(std::function<void(bool)>)> when_shown_;
  std::string region_;
};

}  // namespace orch::http
