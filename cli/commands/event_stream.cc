// orch event stream: what happens in the cluster, from any index of the log on.
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/format/shown.h"
#include "core/model/json_limits.h"
#include "core/base/format.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

// What an event says of its object, in a few words.
std::string state_of(const boost::json::value& event) {
  const std::string topic = text_of(event, "Topic");
  const auto& object = member_of(member_of(event, "Payload"), topic);
  if (topic == "Allocation")
    return fmt::format("{} {}/{}", text_of(object, "Name"), text_of(object, "DesiredStatus"),
                       text_of(object, "ClientStatus"));
  if (topic == "Evaluation")
    return fmt::format("{} {} {}", text_of(object, "JobID"), text_of(object, "TriggeredBy"), text_of(object, "Status"));
  if (topic == "Deployment") return text_of(object, "JobID") + " " + text_of(object, "Status");
  if (topic == "Job") return text_of(object, "Status") + ", version " + std::to_string(number_of(object, "Version"));
  if (topic == "Node") return text_of(object, "Name") + " " + text_of(object, "Status");
  return {};
}

void print_events(const boost::json::value& line) {
  const auto* events = member_of(line, "Events").if_array();
  if (events == nullptr) return;
  for (const auto& event : *events) {
    const std::string topic = text_of(event, "Topic"), key = text_of(event, "Key");
    print_line(fmt::format("{:<6}  {:<10}  {:<22}  {:<8}  {}", number_of(event, "Index"), topic, text_of(event, "Type"),
                           topic == "Job" ? key : shown_id(key, false), state_of(event)));
  }
}

// Pieces of a stream put together to lines again.
class Lines {
 public:
  template <typename F>
  void add(std::string_view piece, F on_line) {
    rest_ += piece;
    std::size_t at = 0;
    for (std::size_t end; (end = rest_.find('\n', at)) != std::string::npos; at = end + 1) {
      if (end > at) on_line(rest_.substr(at, end - at));
    }
    rest_.erase(0, at);
  }

 private:
  std::string rest_;
};

int run(const Words& words) {
  CommandLine app{"Prints what happens in the cluster; resumes where it was when the connection breaks.",
                  "orch event stream"};
  GeneralOptions general;
  std::vector<std::string> topics;
  std::uint64_t next = 0;
  bool json = false, no_follow = false;
  general.add_to(app);
  app.add_option("topic", topics,
                 "TOPIC or TOPIC:KEY, repeatable: Job, Evaluation, Allocation, Deployment, Node, Service");
  app.add_option("index", next, "First index of the log whose events are wanted (1)");
  app.add_flag("json", json, "Nomad's lines as they come, an object per index");
  app.add_flag("no-follow", no_follow, "Ends with the newest event");
  app.add_example("orch event stream -topic Job");
  app.add_example("orch event stream -topic Allocation:example -index 100 -json");
  if (auto over = app.parse(words)) return *over;

  ApiClient api(general);
  std::string filter = no_follow ? "&follow=false" : "";
  for (const std::string& topic : topics) filter += "&topic=" + net::percent_encoded(topic);
  bool complained = false, heard = false;
  while (true) {
    Lines lines;
    const auto read =
        api.stream("/v1/event/stream?index=" + std::to_string(next) + filter, [&](std::string_view piece) {
          lines.add(piece, [&](const std::string& line) {
            boost::json::error_code error;
            const auto value = parse_answer(line, error);
            if (error || !value.is_object() || value.get_object().empty()) return;  // a sign of life
            next = static_cast<std::uint64_t>(number_of(value, "Index")) + 1;
            if (json) print_line(line);
            if (!json) print_events(value);
            std::fflush(stdout);
          });
          complained = false;
          heard = true;
          return true;
        });
    if (read && no_follow) return 0;
    // An agent that is starting answers 503: that passes, as a broken connection does.
    const bool passes = read || read.error().status == 0 || read.error().status >= 500;
    if (!read && (!passes || no_follow)) return complain("Error reading the event stream: " + read.error().message);
    if (!complained) {
      if (!heard && !read) complain(read.error().message);
      complain((heard ? "The stream broke; waiting" : "Waiting") + std::string(" for the agent to go on from index ") +
               std::to_string(std::max<std::uint64_t>(next, 1)));
    }
    complained = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
}

}  // namespace

Command event_stream_command() { return {"event stream", "Prints what happens, from any index on", run}; }

}  // namespace orch::cli
