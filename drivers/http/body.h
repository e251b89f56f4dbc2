// A JSON body, read member by member: what is missing is absent, what has the wrong type is an error that names it.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orch::http {

class Body {
 public:
  Body();
  Body(Body&&) noexcept;
  ~Body();

  /// The body must be a JSON object; the error is the body of a 400 and says where the text stops being JSON.
  /// Objects and lists nest as deep as in any document that comes in (core/base/limits.h).
  static std::expected<Body, std::string> parse(std::string_view text);

  /// The member; null and absent are the same.
  const boost::json::value* member(std::string_view name) const;

  // Members by type. A wrong type leaves the default and is remembered in `problem`.
  std::string text(std::string_view name);
  std::optional<bool> flag(std::string_view name);
  std::uint64_t number(std::string_view name);
  std::vector<std::string> texts(std::string_view name);

  /// "Pause: expected true or false, got \"yes\""; empty when every member asked for had its type.
  const std::string& problem() const { return problem_; }

 private:
  void wrong(std::string_view name, const char* expected, const boost::json::value& got);

  struct Memory;
  std::unique_ptr<Memory> memory_;                           // of the document; outlives it
  std::optional<boost::json::value> document_;               // emplaced: assigning would copy it out of that memory
  std::string problem_;
};

}  // namespace orch::http
