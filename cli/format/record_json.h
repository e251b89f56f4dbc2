// A record group as one line of JSON, with the names of the published schemas (schemas/record.fbs and what it
// includes), which the program carries: what `flatc --json` prints of the same bytes.
//
// The line says what the record holds and nothing else; fields that have their default are left out. Texts that are not
// UTF-8 keep their bytes as \u00XX.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "core/log/log.h"

namespace orch::cli {

class RecordJson {
 public:
  RecordJson();
  ~RecordJson();
  RecordJson(const RecordJson&) = delete;
  RecordJson& operator=(const RecordJson&) = delete;

  /// `{"index": 7,"stamp": {…},…}`; an error when the bytes are not a well-formed group.
  std::expected<std::string, std::string> line(LogIndex index, Bytes group);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace orch::cli
