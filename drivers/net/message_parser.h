// An incremental HTTP/1.1 parser for both directions: bytes in, one message out.
//
// It wraps Beast's parser (which knows chunked bodies, limits and what to refuse) and keeps what it found in buffers
// that are reused from message to message, so that a kept-alive connection allocates nothing per request. Views it
// hands out hold until `reset`. Not thread-safe. Only the .cc file includes Beast.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace orch::net {

class MessageParser {
 public:
  enum class Direction { request, response };
  enum class Result { need_more, done, malformed, header_too_large, body_too_large };
  /// Takes the body in pieces instead of `body()`; false ends the message early (`aborted`).
  using BodySink = std::function<bool(std::string_view)>;

  MessageParser(Direction direction, std::size_t max_header, std::size_t max_body);
  ~MessageParser();

  /// Ready for the next message. `no_body`: an answer to HEAD, whose header speaks of a body that doesn't come.
  void reset(bool no_body = false);
  void set_sink(BodySink sink) { sink_ = std::move(sink); }

  /// Reads on from `bytes`, which must start with what the last call left over; `used` is what needs not come again.
  Result feed(std::string_view bytes, std::size_t& used);

  /// The peer has closed: done if the message ends there, else malformed.
  Result finish();

  bool header_done() const;
  /// Some part of a message has been seen by `feed` since `reset`.
  bool started() const { return started_; }
  bool aborted() const { return aborted_; }
  bool keep_alive() const;
  bool needs_eof() const;
  int version() const { return version_; }  ///< 11 for HTTP/1.1
  int status() const { return status_; }
  std::string_view method() const { return text(method_); }
  std::string_view target() const { return text(target_); }
  const std::string& body() const { return body_; }
  std::string& body() { return body_; }
  std::string_view error() const { return error_; }

  std::size_t field_count() const { return fields_.size(); }
  std::string_view field_name(std::size_t i) const { return text(fields_[i].name); }
  std::string_view field_value(std::size_t i) const { return text(fields_[i].value); }
  /// First field of that name, ignoring case; empty when absent.
  std::string_view field(std::string_view name) const;

 private:
  struct Piece {
    std::uint32_t at = 0, size = 0;
  };
  struct Field {
    Piece name, value;
  };
  struct Impl;
  template <bool is_request>
  friend class BeastParser;

  std::string_view text(Piece piece) const { return std::string_view(arena_).substr(piece.at, piece.size); }
  Piece keep(std::string_view text);
  bool take_body(std::string_view bytes);

  std::unique_ptr<Impl> impl_;
  Direction direction_;
  std::size_t max_header_, max_body_;
  std::string arena_, body_, error_;
  std::vector<Field> fields_;
  Piece method_, target_;
  BodySink sink_;
  int version_ = 11, status_ = 0;
  bool started_ = false, aborted_ = false;
};

/// Equality of header names and tokens.
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace orch::net
