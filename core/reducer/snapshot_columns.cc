#include "core/reducer/snapshot_columns.h"

#include "core/base/assert.h"

namespace orch {
namespace {

constexpr std::size_t shortest_run = 3;  // of a repeated difference; below that it is a literal

// Small differences of either sign as small numbers.
constexpr std::uint64_t fold_sign(std::uint64_t d) { return d << 1 ^ (0 - (d >> 63)); }
constexpr std::uint64_t unfold_sign(std::uint64_t z) { return z >> 1 ^ (0 - (z & 1)); }

char* put_number(char* to, std::uint64_t v) {
  while (v >= 0x80) {
    *to++ = static_cast<char>(v | 0x80);
    v >>= 7;
  }
  *to++ = static_cast<char>(v);
  return to;
}

}  // namespace

void ColumnWriter::put(std::uint64_t v) {
  char bytes[10];
  out_.append(bytes, put_number(bytes, v));
}

void ColumnWriter::put_words() {
  const std::size_t n = words_.size();
  std::uint64_t before = 0;
  for (std::uint64_t& word : words_) {
    const std::uint64_t difference = word - before;
    before = word;
    word = fold_sign(difference);
  }
  const std::size_t begin = out_.size();
  out_.resize(begin + n * 12 + 32);  // a number takes at most 10 bytes, and stretches are longer than one
  char* to = out_.data() + begin;
  for (std::size_t i = 0; i < n;) {
    // Literals up to and with the first of a run of equal differences.
    std::size_t last = i, run = 0;
    for (; last < n; ++last) {
      run = 0;
      while (last + run + 1 < n && words_[last + run + 1] == words_[last]) ++run;
      if (run >= shortest_run) break;
      run = 0;
    }
    const std::size_t literals = last < n ? last - i + 1 : n - i;
    to = put_number(to, literals);
    for (std::size_t k = 0; k < literals; ++k) to = put_number(to, words_[i + k]);
    to = put_number(to, run);
    i += literals + run;
  }
  ORCH_ASSERT(to <= out_.data() + out_.size(), "a column's bytes were reserved at their longest");
  out_.resize(static_cast<std::size_t>(to - out_.data()));
}

void ColumnWriter::text(const std::string& text) {
  const auto [known, made] = dictionary_.try_emplace(text, dictionary_.size() + 1);
  put(made ? 0 : known->second);
  if (!made) return;
  put(text.size());
  out_ += text;
}

std::uint64_t ColumnReader::get() {
  std::uint64_t v = 0;
  for (int shift = 0; shift < 64 && at_ != end_; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at_++);
    v |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return v;
  }
  fail();
  return 0;
}

void ColumnReader::get_words(std::size_t count) {
  words_.clear();
  words_.reserve(count);
  std::uint64_t word = 0, difference = 0;
  while (words_.size() < count && !failed) {
    const std::uint64_t literals = get();
    if (literals == 0 || literals > count - words_.size()) fail();
    for (std::uint64_t i = 0; i < literals && !failed; ++i) {
      difference = unfold_sign(get());
      words_.push_back(word += difference);
    }
    const std::uint64_t run = get();
    if (run > count - words_.size()) fail();
    for (std::uint64_t i = 0; i < run && !failed; ++i) words_.push_back(word += difference);
  }
  if (failed) words_.assign(count, 0);
}

std::string_view ColumnReader::take(std::uint64_t size) {
  if (failed || size > static_cast<std::uint64_t>(end_ - at_)) {
    fail();
    return {};
  }
  const std::string_view bytes(at_, size);
  at_ += size;
  return bytes;
}

std::string ColumnReader::text() {
  const std::uint64_t entry = get();
  if (entry == 0) return dictionary_.emplace_back(take(get()));
  if (entry <= dictionary_.size()) return dictionary_[entry - 1];
  fail();
  return {};
}

}  // namespace orch
