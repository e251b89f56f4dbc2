#include "tests/bench/bench.h"

#include <cstdio>
#include <cstdlib>

#include "core/model/job_json.h"
#include "core/model/json_text.h"

namespace orch::bench {

void give_up(const std::string& why) {
  std::fprintf(stderr, "the bench can't go on: %s\n", why.c_str());
  std::exit(1);
}

TestAgent::TestAgent(const Setting& setting, const std::string& name, std::vector<std::string> flags)
    : data_dir_(setting.folder + "/" + name) {
  std::vector<std::string> words{setting.orch, "agent", "-data-dir", data_dir_, "-http-port", "0"};
  words.insert(words.end(), flags.begin(), flags.end());
  process_ = std::make_unique<ChildProcess>(words, setting.folder + "/" + name + ".log");
  const auto line = process_->line_with("HTTP: ", 30);
  if (!line) give_up("the agent did not start; see " + setting.folder + "/" + name + ".log");
  auto endpoint = net::Endpoint::parse(line->substr(line->find("HTTP: ") + 6));
  if (!endpoint) give_up("the agent says where it is in words that are not understood: " + *line);
  endpoint_ = *endpoint;
  client_ = std::make_unique<net::HttpClient>(endpoint_);
}

net::HttpResponse TestAgent::ask(const std::string& method, const std::string& target, const std::string& body) {
  auto answer = client_->send({method, target, {{"Content-Type", "application/json"}}, body}, seconds(120));
  if (!answer) give_up(answer.error().message);
  if (answer->status / 100 != 2)
    give_up(method + " " + target + ": " + std::to_string(answer->status) + " " + answer->body);
  return std::move(*answer);
}

void register_nodes(TestAgent& agent, int count) {
  for (int i = 0; i < count; ++i) {
    Node node;
    node.name = "n" + std::to_string(i);
    node.id = "00000000-0000-0000-0000-" + std::to_string(100'000'000'000 + i);
    node.attributes = {{"kernel.name", "linux"}, {"driver.docker", "1"}, {"driver.mock_driver", "1"}};
    node.resources = {.cpu = 1'000'000,
                      .disk_mb = 1'000'000,
                      .memory_mb = 1'000'000,
                      .networks = {{.device = "eth0", .ip = "10.0.0.1", .mbits = 100'000}}};
    std::string body = "{\"Node\":{";
    append_node_fields(body, node);
    agent.ask("PUT", "/v1/node/register", body + "}}");
  }
}

std::string job_body(const JobShape& s) {
  std::string body = "{\"Job\":{\"ID\":" + quoted(s.id) + ",\"Name\":" + quoted(s.id) +
                     ",\"Type\":\"service\",\"Datacenters\":[\"dc1\"]";
  if (!s.node_class.empty()) {
    body +=
        ",\"Constraints\":[{\"LTarget\":\"${node.class}\",\"RTarget\":" + quoted(s.node_class) + ",\"Operand\":\"=\"}]";
  }
  return body + ",\"TaskGroups\":[{\"Name\":\"group\",\"Count\":" + std::to_string(s.count) +
         ",\"EphemeralDisk\":{\"SizeMB\":10},\"Tasks\":[{\"Name\":\"task\",\"Driver\":" + quoted(s.driver) +
         ",\"Config\":" + s.config + ",\"Resources\":{\"CPU\":" + std::to_string(s.cpu) +
         ",\"MemoryMB\":" + std::to_string(s.memory_mb) + "},\"LogConfig\":{\"MaxFiles\":1,\"MaxFileSizeMB\":1}}]}]}}";
}

std::string text_in(std::string_view json, std::string_view key) {
  const std::string wanted = "\"" + std::string(key) + "\":\"";
  const std::size_t at = json.find(wanted);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + wanted.size();
  return std::string(json.substr(begin, json.find('"', begin) - begin));
}

}  // namespace orch::bench
