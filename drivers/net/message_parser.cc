#include "drivers/net/message_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/none.hpp>
#include <optional>

namespace orch::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Error = boost::beast::error_code;

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return boost::beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

// Beast calls these as it recognises the parts of a message; views are valid during the call only, so they are kept.
template <bool is_request>
class BeastParser final : public http::basic_parser<is_request> {
 public:
  explicit BeastParser(MessageParser& owner) : owner_(owner) {}

 private:
  using View = boost::beast::string_view;
  static std::string_view plain(View v) { return {v.data(), v.size()}; }

  void on_request_impl(http::verb, View method, View target, int version, Error& error) override {
    error = {};
    owner_.method_ = owner_.keep(plain(method));
    owner_.target_ = owner_.keep(plain(target));
    owner_.version_ = version;
  }
  void on_response_impl(int code, View, int version, Error& error) override {
    error = {};
    owner_.status_ = code;
    owner_.version_ = version;
  }
  void on_field_impl(http::field, View name, View value, Error& error) override {
    error = {};
    // A message may hold trailers after its body; they add nothing that we act on.
    if (this->is_header_done()) return;
    auto kept_name = owner_.keep(plain(name));
    owner_.fields_.push_back({kept_name, owner_.keep(plain(value))});
  }
  void on_header_impl(Error& error) override { error = {}; }
  void on_body_init_impl(boost::optional<std::uint64_t> const& length, Error& error) override {
    error = {};
    if (length && *length <= owner_.max_body_ && !owner_.sink_ && *length <= (1u << 20)) owner_.body_.reserve(*length);
  }
  std::size_t on_body_impl(View body, Error& error) override { return take(body, error); }
  void on_chunk_header_impl(std::uint64_t, View, Error& error) override { error = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, View body, Error& error) override { return take(body, error); }
  void on_finish_impl(Error& error) override { error = {}; }

  std::size_t take(View body, Error& error) {
    error = {};
    if (!owner_.take_body(plain(body))) error = http::make_error_code(http::error::end_of_stream);
    return body.size();
  }

  MessageParser& owner_;
};

struct MessageParser::Impl {
  std::optional<BeastParser<true>> request;
  std::optional<BeastParser<false>> response;

  template <class Function>
  auto with(Function function) const {
    return request ? function(*request) : function(*response);
  }
  template <class Function>
  auto with(Function function) {
    return request ? function(*request) : function(*response);
  }
};

MessageParser::MessageParser(Direction direction, std::size_t max_header, std::size_t max_body)
    : impl_(std::make_unique<Impl>()), direction_(direction), max_header_(max_header), max_body_(max_body) {
  reset();
}

MessageParser::~MessageParser() = default;

void MessageParser::reset(bool no_body) {
  arena_.clear();
  fields_.clear();
  // One huge body must not stay in memory for as long as its connection.
  if (body_.capacity() > (256u << 10)) body_ = {};
  body_.clear();
  error_.clear();
  method_ = target_ = {};
  status_ = 0;
  version_ = 11;
  started_ = aborted_ = false;
  if (direction_ == Direction::request) {
    impl_->request.emplace(*this);
  } else {
    impl_->response.emplace(*this);
  }
  impl_->with([&](auto& parser) {
    parser.eager(true);
    parser.header_limit(static_cast<std::uint32_t>(max_header_));
    parser.body_limit(max_body_);
    if (no_body) parser.skip(true);
  });
}

MessageParser::Piece MessageParser::keep(std::string_view text) {
  Piece piece{static_cast<std::uint32_t>(arena_.size()), static_cast<std::uint32_t>(text.size())};
  arena_.append(text);
  return piece;
}

bool MessageParser::take_body(std::string_view bytes) {
  if (!sink_) {
    body_.append(bytes);
    return true;
  }
  if (!aborted_ && !sink_(bytes)) aborted_ = true;
  return !aborted_;
}

MessageParser::Result MessageParser::feed(std::string_view bytes, std::size_t& used) {
  used = 0;
  return impl_->with([&](auto& parser) {
    while (!parser.is_done()) {
      if (used == bytes.size()) return Result::need_more;
      started_ = true;
      Error error;
      const std::size_t n = parser.put(asio::const_buffer(bytes.data() + used, bytes.size() - used), error);
      used += n;
      if (aborted_) return Result::done;
      if (error == http::error::need_more) {
        if (n == 0) return Result::need_more;
        continue;
      }
      if (error == http::error::header_limit) return Result::header_too_large;
      if (error == http::error::body_limit) return Result::body_too_large;
      if (error) {
        error_ = error.message();
        return Result::malformed;
      }
    }
    return Result::done;
  });
}

MessageParser::Result MessageParser::finish() {
  return impl_->with([&](auto& parser) {
    if (parser.is_done()) return Result::done;
    Error error;
    if (parser.got_some()) parser.put_eof(error);
    if (error || !parser.is_done()) {
      error_ = "the connection was closed in the middle of a message";
      return Result::malformed;
    }
    return Result::done;
  });
}

bool MessageParser::header_done() const {
  return impl_->with([](auto& parser) { return parser.is_header_done(); });
}

bool MessageParser::keep_alive() const {
  return impl_->with([](auto& parser) { return parser.is_header_done() && parser.keep_alive(); });
}

bool MessageParser::needs_eof() const {
  return impl_->with([](auto& parser) { return parser.is_header_done() && parser.need_eof(); });
}

std::string_view MessageParser::field(std::string_view name) const {
  for (const Field& field : fields_) {
    if (equal_ignoring_case(text(field.name), name)) return text(field.value);
  }
  return {};
}

}  // namespace orch::net
