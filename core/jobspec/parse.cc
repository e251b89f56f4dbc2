#include "core/jobspec/parse.h"

#include "core/base/utf8.h"
#include "core/jobspec/api_form.h"
#include "core/jobspec/decode.h"
#include "core/jobspec/syntax_tree.h"

namespace orch {
namespace {

Diagnostics one(std::string_view file, Position at, std::string message, std::string hint = {}) {
  return {{{std::string(file), at, std::move(message), std::move(hint), "", true}}};
}

}  // namespace

std::expected<Job, Diagnostics> parse_job(std::string_view text, std::string_view file) {
  if (text.size() > largest_job_file) {
    return std::unexpected(one(file, {}, "the job file has " + std::to_string(text.size()) + " bytes; at most " +
                                             std::to_string(largest_job_file) + " are read"));
  }
  if (const std::size_t bad = bad_byte(text); bad != std::string_view::npos) {
    Position at{1, 1};
    for (std::size_t i = 0; i < bad; ++i) {
      ++at.column;
      if (text[i] == '\n') at = {at.line + 1, 1};
    }
    return std::unexpected(one(file, at, text[bad] == '\0' ? "a NUL byte is not allowed" : "the text is not UTF-8",
                               "save the file as UTF-8 text"));
  }
  auto items = syntax::parse(text, file);
  if (!items) return std::unexpected(Diagnostics{{items.error()}});

  if (syntax::is_api_form(*items)) return syntax::job_in_api_form(text, file, *items);
  syntax::Decoder decoder(text, file);
  Job job = decoder.job(*items);
  if (decoder.failed()) return std::unexpected(decoder.take());
  return job;
}

}  // namespace orch
