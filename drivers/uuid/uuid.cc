#include "drivers/uuid/uuid.h"

#include <algorithm>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <stdexcept>

namespace orch {
namespace {

constexpr std::size_t with_dashes = 36;

}  // namespace

std::string random_uuid() { return boost::uuids::to_string(boost::uuids::random_generator()()); }

std::string random_key() {
  std::string text = random_uuid();
  std::erase(text, '-');
  return text;
}

bool is_uuid(std::string_view text) {
  if (text.size() != with_dashes) return false;  // the generator also takes it in braces and without dashes
  try {
    boost::uuids::string_generator()(text.begin(), text.end());
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace orch
