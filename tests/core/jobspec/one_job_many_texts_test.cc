// One job in several spellings: HCL as Nomad 0.8 wrote it, today's HCL, JSON of both kinds. All give the same job, to
// which the golden job.json holds them.
#include <boost/json/parse.hpp>

#include "core/jobspec/canonicalize.h"
#include "core/jobspec/parse.h"
#include "core/model/job_json.h"
#include "core/model/tables.h"
#include "tests/core/jobspec/golden.h"

using namespace orch;
using namespace orch::test;

namespace {

Job read(const std::string& text, const std::string& name) {
  auto job = parse_job(text, name);
  REQUIRE_MESSAGE(job, (job ? "" : job.error().text()));
  canonicalize(*job);
  return std::move(*job);
}

// One member a line, so that a difference is a line.
std::string broken(const std::string& json) {
  std::string out;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"' && (i == 0 || json[i - 1] != '\\')) quoted = !quoted;
    out += c;
    if (!quoted && (c == ',' || c == '{' || c == '[')) out += '\n';
  }
  return out + "\n";
}

}  // namespace

TEST_CASE("the same job in every syntax is the same job") {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(fs::path(ORCH_GOLDEN) / "same")) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  CHECK(folders.size() >= 6);
  for (const fs::path& folder : folders) {
    INFO("folder: " << folder.string());
    std::vector<fs::path> texts;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().filename() != "job.json") texts.push_back(entry.path());
    }
    std::sort(texts.begin(), texts.end());
    REQUIRE(!texts.empty());
    const Job first = read(content(texts[0]), texts[0].string());
    check_golden(folder / "job.json", broken(job_to_json(first)));
    for (const fs::path& text : texts) {
      const Job job = read(content(text), text.string());
      INFO("text: " << text.string());
      CHECK(broken(job_to_json(job)) == broken(job_to_json(first)));
      CHECK(job == first);
    }
    // What the API shows of it is a job file too.
    const std::string json = job_to_json(first);
    CHECK(read("{\"Job\": " + json + "}", "wrapped") == first);
    CHECK(read(json, "bare") == first);
    // And so is what the log keeps.
    const std::string bytes = encode_job(first);
    const auto back = decode_job(std::as_bytes(std::span(bytes)));
    REQUIRE(back);
    CHECK(*back == first);
  }
}
