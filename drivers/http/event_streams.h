// Event streams: who reads the cluster's history as it is made, each from its own position in the log.
//
// One thread serves all streams from the views' event rows, so a stream starts at any index of the log and a slow
// reader costs nothing but its own delay: nothing is buffered for it beyond a bound, nothing is dropped.
#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "drivers/net/http_server.h"
#include "drivers/server/server.h"
#include "projections/event_lines.h"

namespace orch::http {

class EventStreams {
 public:
  explicit EventStreams(Server& server);
  ~EventStreams();

  /// Events of groups from `from` on, as lines of JSON in Nomad's format. Without `follow` the stream ends as soon as
  /// its reader has all there is.
  void add(std::shared_ptr<net::StreamWriter> writer, LogIndex from, TopicFilter filter, bool follow);

  void stop();

 private:
  struct Stream {
    std::shared_ptr<net::StreamWriter> writer;
    LogIndex next;
    TopicFilter filter;
    bool follow;
    std::int64_t last_line_ns;
  };
  void run();
  void serve_all(std::list<Stream>& streams);
  bool serve(Stream& stream);

  Server& server_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::list<Stream> added_;
  bool wake_ = false, stopping_ = false;
  std::thread thread_;
};

}  // namespace orch::http
