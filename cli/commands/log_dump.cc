// orch log dump DATA_DIR [FROM..TO]: the records of a log as JSON lines, or the bytes of one.
//
// Reads only, beside a running agent or without one. What the records mean: schemas/record.fbs; how to read them
// without this program: docs/user/log.md.
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <limits>
#include <optional>

#include "cli/command.h"
#include "cli/format/record_json.h"
#include "cli/format/shown.h"
#include "drivers/log/lmdb/lmdb_log.h"

namespace orch::cli {
namespace {

struct Range {
  LogIndex from = 1, to = std::numeric_limits<LogIndex>::max();
};

bool read_number(std::string_view text, LogIndex& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0;
}

/// "40..60", "40..", "..60" or "40".
bool read_range(std::string_view text, Range& range) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return read_number(text, range.from) && read_number(text, range.to);
  const std::string_view from = text.substr(0, dots), to = text.substr(dots + 2);
  return (from.empty() || read_number(from, range.from)) && (to.empty() || read_number(to, range.to)) &&
         range.from <= range.to;
}

int write_raw(const LmdbLog& log, LogIndex index) {
  if (isatty(STDOUT_FILENO) != 0)
    return complain("The bytes of a record are not for a terminal: send them to a file or a program");
  bool found = false, written = false;
  const auto read = log.read(index, [&](LogIndex at, Bytes group) {
    found = at == index;
    written = found && std::fwrite(group.data(), 1, group.size(), stdout) == group.size() && std::fflush(stdout) == 0;
    return false;
  });
  if (!read) return complain("Error reading the log: " + read.error().message);
  if (!found)
    return complain("The log has no record at index " + std::to_string(index) + ": it ends at " +
                    std::to_string(log.head()));
  return written ? 0 : 1;
}

int write_lines(const LmdbLog& log, Range range) {
  RecordJson json;
  bool whole = true;
  const auto read = log.read(range.from, [&](LogIndex index, Bytes group) {
    if (index > range.to) return false;
    const auto line = json.line(index, group);
    if (!line) {
      whole = false;
      std::fprintf(stderr, "%s; -raw %llu writes its bytes\n", line.error().c_str(),
                   static_cast<unsigned long long>(index));
      return true;
    }
    return std::fwrite(line->data(), 1, line->size(), stdout) == line->size() && std::fputc('\n', stdout) != EOF;
  });
  if (!read) return complain("Error reading the log: " + read.error().message);
  return whole && std::ferror(stdout) == 0 ? 0 : 1;
}

int run(const Words& words) {
  CommandLine app{
      "Prints the records of a data folder's log as JSON, one a line, with the names of the published schemas: all "
      "that\n"
      "they hold, jobs included, and nothing that follows from them. Reads only; an agent may run on the folder\n"
      "meanwhile.",
      "orch log dump"};
  std::string folder, wanted;
  std::optional<std::int64_t> raw;
  app.add_argument("data_dir", folder, "Data folder of an agent, running or not", Need::required, Offer::files);
  app.add_argument("from..to", wanted, "Indexes, both ends included; either may be left out", Need::optional,
                   Offer::anything);
  app.add_option("raw", raw, "Writes the bytes of the record at this index instead, as they are in the log", 1);
  app.add_example("orch log dump /var/lib/orch 40..60");
  app.add_example("orch log dump -raw 40 /var/lib/orch > 40.bin");
  if (auto over = app.parse(words)) return *over;
  Range range;
  if (!wanted.empty() && (raw || !read_range(wanted, range)))
    return app.misused(raw ? "-raw writes one record: no range beside it"
                           : "expected a range of indexes such as 40..60, got \"" + wanted + "\"");

  struct stat status {};
  const std::string log_folder = stat((folder + "/log/data.mdb").c_str(), &status) == 0 ? folder + "/log" : folder;
  const auto log = LmdbLog::open(log_folder, {.read_only = true});
  if (!log) return complain("Error opening the log: " + log.error().message);
  return raw ? write_raw(**log, static_cast<LogIndex>(*raw)) : write_lines(**log, range);
}

}  // namespace

Command log_dump_command() { return {"log dump", "Prints the records of a log, or the bytes of one", run}; }

}  // namespace orch::cli
