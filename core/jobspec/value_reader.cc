#include "core/jobspec/value_reader.h"

#include <charconv>
#include <limits>

#include "core/base/assert.h"
#include "core/base/duration_text.h"
#include "core/base/limits.h"
#include "core/model/value_levels.h"

namespace orch::syntax {

void ValueReader::wrong(Position at, const std::string& message, std::string hint) {
  add(at, message, std::move(hint));
}

void ValueReader::add(Position at, std::string message, std::string hint) {
  if (found_.list.size() >= most_diagnostics) return;  // whoever has mended twenty asks again
  found_.list.push_back({std::string(file_), at, std::move(message), std::move(hint), line_of(text_, at.line)});
}

void ValueReader::expected(const Node& node, const std::string& name, const char* what, std::string hint) {
  std::string shown = node.kind();
  if (const std::string* text = node.text()) shown = "\"" + text->substr(0, 40) + "\"";
  if (const Number* number = std::get_if<Number>(&node.value)) shown = number->text;
  if (const bool* truth = std::get_if<bool>(&node.value)) shown = *truth ? "true" : "false";
  wrong(node.at, name + ": expected " + what + ", got " + shown, std::move(hint));
}

std::vector<ValueReader::Body> ValueReader::bodies(const Item& item, bool labelled, const char* what) {
  std::vector<Body> found;
  auto each_object = [&](const Node& node, auto&& use) {
    if (const Object* object = node.object()) return use(node, *object);
    if (const auto* list = node.list()) {
      for (const Node& element : *list) {
        if (const Object* object = element.object()) {
          use(element, *object);
        } else {
          expected(element, item.key, what);
        }
      }
      return;
    }
    expected(node, item.key, what);
  };
  if (!labelled) {
    if (!item.labels.empty()) {
      wrong(item.labels[0].at, item.key + " takes no label", "write " + item.key + " { … }");
      return found;
    }
    each_object(item.value, [&](const Node& node, const Object& object) { found.push_back({node.at, "", &object}); });
    return found;
  }
  if (item.labels.size() > 1) {
    wrong(item.labels[1].at, item.key + " takes one label, found " + std::to_string(item.labels.size()));
    return found;
  }
  if (item.labels.size() == 1) {
    each_object(item.value, [&](const Node&, const Object& object) {
      found.push_back({item.at, item.labels[0].text, &object});
    });
    return found;
  }
  // In JSON the names are keys; a block of HCL says them as labels.
  each_object(item.value, [&](const Node&, const Object& object) {
    if (object.empty() || item.block)
      return wrong(item.at, item.key + " needs a name", "write " + item.key + " \"name\" { … }");
    for (const Item& inner : object) {
      if (!inner.value.object() && !inner.value.list()) {
        return wrong(item.at, item.key + " needs a name", "write " + item.key + " \"name\" { … }");
      }
      each_object(inner.value, [&](const Node&, const Object& body) { found.push_back({inner.at, inner.key, &body}); });
    }
  });
  return found;
}

bool ValueReader::whole(const Node& node, const std::string& name, std::int64_t least, std::int64_t most,
                        std::int64_t& out) {
  ORCH_ASSERT(least <= most, "a range has a number in it");
  const std::string* text = node.text();
  const Number* number = std::get_if<Number>(&node.value);
  if (text == nullptr && number == nullptr) return expected(node, name, "a whole number"), false;
  const std::string& digits = text != nullptr ? *text : number->text;
  double real = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (error == std::errc() && end == digits.data() + digits.size()) {
    if (out >= least && out <= most) return true;
  } else if (error != std::errc::result_out_of_range) {
    const auto [real_end, real_error] = std::from_chars(digits.data(), digits.data() + digits.size(), real);
    const bool is_whole = real_error == std::errc() && real_end == digits.data() + digits.size() && real >= -9e15 &&
                          real <= 9e15 && static_cast<double>(static_cast<std::int64_t>(real)) == real;
    if (!is_whole) return expected(node, name, "a whole number"), false;
    out = static_cast<std::int64_t>(real);
    if (out >= least && out <= most) return true;
  }
  wrong(node.at, name + ": " + digits + " is out of range",
        "the number lies between " + std::to_string(least) + " and " + std::to_string(most));
  return false;
}

std::string ValueReader::scalar_text(const Node& node, const std::string& name) {
  if (const std::string* text = node.text()) return *text;
  if (const Number* number = std::get_if<Number>(&node.value)) return number->text;
  if (const bool* truth = std::get_if<bool>(&node.value)) return *truth ? "true" : "false";
  if (!std::holds_alternative<std::monostate>(node.value)) expected(node, name, "text");
  return {};
}

void ValueReader::value(const Item& item, bool& v) {
  if (const bool* truth = std::get_if<bool>(&item.value.value)) {
    v = *truth;
    return;
  }
  const std::string* text = item.value.text();
  if (text != nullptr && (*text == "true" || *text == "1")) {
    v = true;
  } else if (text != nullptr && (*text == "false" || *text == "0")) {
    v = false;
  } else if (const Number* n = std::get_if<Number>(&item.value.value);
             n != nullptr && (n->text == "0" || n->text == "1")) {
    v = n->text == "1";
  } else {
    expected(item.value, item.key, "true or false");
  }
}

void ValueReader::value(const Item& item, std::int32_t& v) {
  std::int64_t wide = 0;
  if (whole(item.value, item.key, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max(),
            wide)) {
    v = static_cast<std::int32_t>(wide);
  }
}

void ValueReader::value(const Item& item, std::int64_t& v) {
  whole(item.value, item.key, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), v);
}

void ValueReader::value(const Item& item, double& v) {
  const std::string text = scalar_text(item.value, item.key);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error != std::errc() || end != text.data() + text.size()) expected(item.value, item.key, "a number");
}

void ValueReader::value(const Item& item, std::string& v) { v = scalar_text(item.value, item.key); }

void ValueReader::value(const Item& item, Duration& v) {
  if (std::holds_alternative<Number>(item.value.value)) {
    std::int64_t ns = 0;
    if (whole(item.value, item.key, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
              ns))
      v = {ns};
    return;
  }
  const std::string* text = item.value.text();
  const auto parsed = text != nullptr ? parse_duration_text(*text) : std::nullopt;
  if (!parsed) return expected(item.value, item.key, "a duration", "for example \"30s\", \"1m30s\" or \"250ms\"");
  v = *parsed;
}

Value ValueReader::free_value(const Node& node) {
  if (const bool* truth = std::get_if<bool>(&node.value)) return *truth;
  if (const std::string* text = node.text()) return *text;
  if (const Number* number = std::get_if<Number>(&node.value)) {
    const char* begin = number->text.data();
    const char* end = begin + number->text.size();
    std::int64_t i = 0;
    if (const auto [at, error] = std::from_chars(begin, end, i); error == std::errc() && at == end) return i;
    double d = 0;
    std::from_chars(begin, end, d);
    return d;
  }
  if (const auto* list = node.list()) {
    Value::List made;
    for (const Node& element : *list) made.push_back(free_value(element));
    return made;
  }
  if (const Object* object = node.object()) {
    Value::Map map;
    for (const Item& item : *object) add_free(map, item);
    return map;
  }
  return {};
}

// Blocks become lists of maps, as HCL1 has it; `key = { … }` becomes a map.
void ValueReader::add_free(Value::Map& map, const Item& item) {
  Value made = free_value(item.value);
  for (auto label = item.labels.rbegin(); label != item.labels.rend(); ++label) {
    made = Value(Value::Map{{label->text, Value(Value::List{std::move(made)})}});
  }
  if (!item.block) {
    map[item.key] = std::move(made);
    return;
  }
  Value& blocks = map[item.key];
  if (blocks.as_list() == nullptr) blocks = Value(Value::List{});
  blocks.as_list()->push_back(std::move(made));
}

void ValueReader::bound(const Item& item, std::size_t levels) {
  if (levels <= deepest_value) return;
  const std::string bound = std::to_string(deepest_value);
  wrong(item.at, item.key + ": nested deeper than " + bound + " levels; a block counts as two");
}

void ValueReader::value(const Item& item, Value& v) {
  v = free_value(item.value);
  bound(item, levels_of(v));
}

void ValueReader::value(const Item& item, Value::Map& v) {
  for (const Body& body : bodies(item, false, "a block")) {
    for (const Item& inner : *body.items) {
      add_free(v, inner);
      bound(inner, levels_of(v[inner.key]));
    }
  }
}

void ValueReader::value(const Item& item, StringList& v) {
  v.clear();
  if (const auto* list = item.value.list()) {
    for (const Node& element : *list) v.push_back(scalar_text(element, item.key));
    return;
  }
  if (item.value.object() != nullptr) return expected(item.value, item.key, "a list of texts", "write [\"a\", \"b\"]");
  v.push_back(scalar_text(item.value, item.key));
}

void ValueReader::value(const Item& item, StringMap& v) {
  for (const Body& body : bodies(item, false, "a block of texts")) {
    for (const Item& inner : *body.items) v[inner.key] = scalar_text(inner.value, item.key + "." + inner.key);
  }
}

void ValueReader::value(const Item& item, std::map<std::string, StringList>& v) {
  for (const Body& body : bodies(item, false, "a block of lists")) {
    for (const Item& inner : *body.items) value(inner, v[inner.key]);
  }
}

}  // namespace orch::syntax
