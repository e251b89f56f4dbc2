#include "cli/commands/job_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "core/base/format.h"
#include "core/jobspec/canonicalize.h"
#include "core/jobspec/parse.h"
#include "core/model/job_json.h"
#include "drivers/net/http_client.h"

namespace orch::cli {
namespace {

// At most one byte more than is taken: whoever writes may never come to an end.
std::expected<std::string, std::string> all_of(std::istream& from, const std::string& name) {
  std::string text(largest_job_file + 1, '\0');
  from.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(from.gcount()));
  if (text.size() > largest_job_file) {
    return std::unexpected(
        fmt::format("{} has more than {} bytes; at most that many are read", name, largest_job_file));
  }
  return text;
}

std::expected<std::string, std::string> content(const std::string& source) {
  if (source == "-") {
    return all_of(std::cin, "standard input");
  }
  if (source.starts_with("http://")) {
    const std::size_t slash = source.find('/', 7);
    const auto endpoint = net::Endpoint::parse(source.substr(0, slash));
    if (!endpoint) return std::unexpected(endpoint.error());
    net::HttpClient client(*endpoint);
    auto answer = client.send({.target = slash == std::string::npos ? "/" : source.substr(slash)}, seconds(30),
                              largest_job_file + 1);
    if (!answer) return std::unexpected(answer.error().message);
    if (answer->status != 200) return std::unexpected("bad response code: " + std::to_string(answer->status));
    return std::move(answer->body);
  }
  if (const std::size_t scheme = source.find("://"); scheme != std::string::npos) {
    return std::unexpected("files are not fetched by " + source.substr(0, scheme) +
                           " yet; over http they are, or from standard input: … | orch job run -");
  }
  struct stat status {};
  if (stat(source.c_str(), &status) != 0) {
    std::string reason = std::strerror(errno);
    reason[0] = static_cast<char>(std::tolower(reason[0]));
    return std::unexpected("source path error: stat " + std::filesystem::absolute(source).string() + ": " + reason);
  }
  if (S_ISDIR(status.st_mode)) return std::unexpected("source path must be a file");
  if (static_cast<std::uint64_t>(status.st_size) > largest_job_file) {
    return std::unexpected(fmt::format("the file has {} bytes; at most {} are read", status.st_size, largest_job_file));
  }
  std::ifstream file(source, std::ios::binary);
  auto all = all_of(file, "the file");
  if (!file.eof() && all) return std::unexpected("read " + source + ": " + std::strerror(errno));
  return all;
}

}  // namespace

std::expected<Job, std::string> read_job_file(const std::string& source) {
  const auto text = content(source);
  if (!text)
    return std::unexpected("Error getting job struct: Error getting jobfile from \"" + source + "\": " + text.error());
  auto job = parse_job(*text, source);
  if (!job) {
    return std::unexpected("Error getting job struct: Error parsing job file from " + source + ": " +
                           job.error().job_text());
  }
  canonicalize(*job);
  return std::move(*job);
}

std::string size_note(int status, const std::string& request) {
  if (status != 413) return {};
  return fmt::format("\nWith its defaults filled in, as it is sent, the job has {} bytes", request.size());
}

std::string job_request(const Job& job, const std::string& more) {
  return "{\"Job\":" + job_to_json(job) + (more.empty() ? "" : "," + more) + "}";
}

}  // namespace orch::cli
