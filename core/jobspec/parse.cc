#include "core/jobspec/parse.h"

#include "core/jobspec/api_form.h"
#include "core/jobspec/decode.h"
#include "core/jobspec/syntax_tree.h"

namespace orch {
namespace {

// Index of the first byte that begins no well-formed UTF-8 sequence or is NUL; npos when all is well.
std::size_t bad_byte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == 0) return i;
    std::size_t more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : 9;
    if (more == 9 || i + more >= text.size() + (more == 0 ? 1 : 0)) return i;
    for (std::size_t k = 1; k <= more; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return i;
    }
    // Longer than need be, half of a surrogate pair, or beyond the last character.
    const auto second = more != 0 ? static_cast<unsigned char>(text[i + 1]) : 0;
    if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second >= 0xa0) || (c == 0xf0 && second < 0x90) || (c == 0xf4 && second >= 0x90)) return i;
    i += more + 1;
  }
  return std::string_view::npos;
}

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
