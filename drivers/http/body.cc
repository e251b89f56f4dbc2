#include "drivers/http/body.h"

#include "core/base/limits.h"

namespace orch::http {

namespace json = boost::json;

namespace {

constexpr std::size_t block = 32u << 10;  // the document of an ordinary job
// One document's memory serves the next: a thread parses one body after another.
thread_local std::unique_ptr<unsigned char[]> spare;

std::unique_ptr<unsigned char[]> take_block() {
  return spare ? std::move(spare) : std::make_unique_for_overwrite<unsigned char[]>(block);
}

}  // namespace

struct Body::Memory {
  std::unique_ptr<unsigned char[]> first = take_block();
  json::monotonic_resource resource{first.get(), block};
  ~Memory() { spare = std::move(first); }
};

Body::Body() : memory_(std::make_unique<Memory>()) {}
Body::Body(Body&&) noexcept = default;
Body::~Body() = default;

std::expected<Body, std::string> Body::parse(std::string_view text) {
  Body body;
  unsigned char scratch[4096];
  json::stream_parser parser(json::storage_ptr(), json::parse_options{.max_depth = deepest_document}, scratch);
  parser.reset(&body.memory_->resource);
  json::error_code error;
  const std::size_t used = parser.write_some(text.data(), text.size(), error);
  if (!error && used == text.size()) parser.finish(error);
  if (error == json::error::incomplete || text.empty()) return std::unexpected("unexpected EOF");
  if (!error && used < text.size()) error = json::error::extra_data;
  if (error) {
    return std::unexpected("the body is not JSON: " + error.message() + " at byte " + std::to_string(used + 1));
  }
  body.document_.emplace(parser.release());
  if (!body.document_->is_object()) return std::unexpected("the body must be a JSON object");
  return body;
}

const json::value* Body::member(std::string_view name) const {
  const json::value* value = document_->get_object().if_contains({name.data(), name.size()});
  return value == nullptr || value->is_null() ? nullptr : value;
}

void Body::wrong(std::string_view name, const char* expected, const json::value& got) {
  if (!problem_.empty()) return;
  std::string found = json::serialize(got);
  if (found.size() > 60) found = found.substr(0, 57) + "...";
  problem_ = std::string(name) + ": expected " + expected + ", got " + found;
}

std::string Body::text(std::string_view name) {
  const json::value* value = member(name);
  if (value == nullptr) return {};
  if (!value->is_string()) return wrong(name, "text", *value), std::string();
  return std::string(value->get_string());
}

std::optional<bool> Body::flag(std::string_view name) {
  const json::value* value = member(name);
  if (value == nullptr) return {};
  if (!value->is_bool()) return wrong(name, "true or false", *value), std::nullopt;
  return value->get_bool();
}

std::uint64_t Body::number(std::string_view name) {
  const json::value* value = member(name);
  if (value == nullptr) return 0;
  json::error_code error;
  const auto number = value->is_number() ? value->to_number<std::uint64_t>(error) : 0;
  if (!value->is_number() || error) wrong(name, "a whole number that is not negative", *value);
  return error ? 0 : number;
}

std::vector<std::string> Body::texts(std::string_view name) {
  std::vector<std::string> list;
  const json::value* value = member(name);
  if (value == nullptr) return list;
  if (!value->is_array()) return wrong(name, "a list of texts", *value), list;
  for (const json::value& item : value->get_array()) {
    if (!item.is_string()) return wrong(name, "a list of texts", *value), list;
    list.emplace_back(item.get_string());
  }
  return list;
}

}  // namespace orch::http
