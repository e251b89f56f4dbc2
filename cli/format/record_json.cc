#include "cli/format/record_json.h"

#include <flatbuffers/idl.h>

#include "core/base/assert.h"
#include "core/log/record.h"
#include "record_schema.h"

namespace orch::cli {
namespace {

/// FlatBuffers writes a byte that is no text as \xNN, which JSON does not know.
std::string as_json(std::string text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') continue;
    if (text[i + 1] == 'x') text.replace(i, 2, "\\u00");
    ++i;  // what is escaped, a backslash perhaps
  }
  return text;
}

}  // namespace

struct RecordJson::Parser {
  flatbuffers::Parser flat;
};

RecordJson::RecordJson() : parser_(std::make_unique<Parser>()) {
  ORCH_ASSERT(parser_->flat.Parse(record_schema), "the schemas that the program carries are well-formed");
  parser_->flat.opts.strict_json = true;
  parser_->flat.opts.indent_step = -1;  // one line
  parser_->flat.opts.allow_non_utf8 = true;
}
RecordJson::~RecordJson() = default;

std::expected<std::string, std::string> RecordJson::line(LogIndex index, Bytes group) {
  if (!verify(group)) return std::unexpected("the group at index " + std::to_string(index) + " is not well-formed");
  std::string text;
  if (!flatbuffers::GenerateText(parser_->flat, group.data(), &text))
    return std::unexpected("the group at index " + std::to_string(index) + " can't be written as JSON");
  ORCH_ASSERT(text.starts_with('{'), "a table is a JSON object");
  return "{\"index\": " + std::to_string(index) + (text == "{}" ? "" : ",") + as_json(text.substr(1));
}

}  // namespace orch::cli
