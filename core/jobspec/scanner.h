// The text of a job file, read from front to back: what the parser (syntax_tree.cc) takes names, texts and numbers
// from.
//
// Knows where it stands (line and column, for messages) and nothing of blocks. Each reading function begins at what it
// reads and stands behind it afterwards; false means that `error` says what is wrong and where, and nobody reads on.
// The text must outlive it.
#pragma once

#include <cctype>
#include <string>
#include <string_view>

#include "core/base/assert.h"
#include "core/jobspec/diagnostic.h"

namespace orch::syntax {

inline bool is_word_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
inline bool is_word(char c) { return is_word_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

class Scanner {
 public:
  Scanner(std::string_view text, std::string_view file);

  bool at_end() const { return at_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void advance() {
    ORCH_ASSERT(!at_end(), "nothing stands behind the end");
    if (text_[at_] == '\n') {
      ++line_;
      line_start_ = at_ + 1;
    }
    ++at_;
  }
  Position position() const { return {line_, static_cast<int>(at_ - line_start_) + 1}; }

  /// From here on the text is JSON: texts have its escapes only, and no expressions.
  void set_json() { json_ = true; }

  const Diagnostic& error() const { return error_; }
  void fail(std::string message, std::string hint = {});
  void fail_at(Position at, std::string message, std::string hint = {});

  /// What stands here, for messages: "the end of the file", "'}'", "'count'".
  std::string found() const;
  /// The same as Nomad's language library calls it.
  const char* token() const;
  /// Whether a word without quotes here is a label: it stands on one line with the '{' of its block; elsewhere a word
  /// is something else's.
  bool is_bare_label() const;

  /// Space, line ends and comments. False: a comment has no end.
  bool skip();
  /// A name, with quotes or without. What is read is added to `out`, here and below.
  bool key(std::string& out);
  /// A text in quotes. "${…}" is kept as it stands, with whatever quotes it holds (in HCL: JSON has its own escapes for
  /// them).
  bool quoted(std::string& out);
  /// <<WORD … WORD, the lines between.
  bool heredoc(std::string& out);
  /// A number that fits a double, as it is written.
  bool number(std::string& out);

 private:
  bool hexadecimal(unsigned& code);

  std::string_view text_, file_;
  std::size_t at_ = 0, line_start_ = 0;
  int line_ = 1;
  bool json_ = false;
  Diagnostic error_;
};

}  // namespace orch::syntax
