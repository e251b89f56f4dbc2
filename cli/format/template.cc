#include "cli/format/template.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "cli/api_client.h"
#include "cli/format/template_tree.h"
#include "core/jobspec/diagnostic.h"

namespace orch::cli {
namespace {

using boost::json::value;
using tmpl::Node;

struct Broken {
  std::string why;
};

std::vector<std::string> sorted_keys(const boost::json::object& object) {
  std::vector<std::string> keys;
  for (const auto& [key, member] : object) keys.emplace_back(key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

bool is_true(const value& v) {
  switch (v.kind()) {
    case boost::json::kind::null: return false;
    case boost::json::kind::bool_: return v.get_bool();
    case boost::json::kind::string: return !v.get_string().empty();
    case boost::json::kind::array: return !v.get_array().empty();
    case boost::json::kind::object: return !v.get_object().empty();
    default: return v.to_number<double>() != 0;
  }
}

// As Go prints it with %v.
std::string shown(const value& v) {
  if (v.is_null()) return "<nil>";
  if (v.is_string()) return std::string(v.get_string());
  if (const auto* list = v.if_array()) {
    std::string out = "[";
    for (const auto& item : *list) out += (out.size() > 1 ? " " : "") + shown(item);
    return out + "]";
  }
  if (const auto* object = v.if_object()) {
    std::string out = "map[";
    for (const std::string& key : sorted_keys(*object))
      out += (out.size() > 4 ? " " : "") + key + ":" + shown(object->at(key));
    return out + "]";
  }
  return pretty(v);
}

int compare(const value& a, const value& b) {
  if (a.is_number() && b.is_number()) {
    const double x = a.to_number<double>(), y = b.to_number<double>();
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (a.is_string() && b.is_string()) return a.get_string().compare(b.get_string());
  if (a.kind() != b.kind()) throw Broken{"incompatible types for comparison"};
  return a == b ? 0 : 1;
}

// printf's verbs on JSON values.
std::string formatted(const std::vector<value>& arguments) {
  if (arguments.empty() || !arguments[0].is_string()) throw Broken{"printf wants a format"};
  const std::string format(arguments[0].get_string());
  std::size_t next = 1;
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      out += format[i];
      continue;
    }
    const std::size_t end = format.find_first_not_of("+-# 0123456789.", i + 1);
    if (end == std::string::npos) throw Broken{"printf: a % without a verb"};
    const std::string flags = format.substr(i + 1, end - i - 1);
    const char verb = format[end];
    i = end;
    if (verb == '%') {
      out += '%';
      continue;
    }
    if (flags.size() > 12 || flags.find_first_of("0123456789") != std::string::npos) {
      for (std::size_t d = 0, run = 0; d < flags.size(); ++d) {
        run = flags[d] >= '0' && flags[d] <= '9' ? run + 1 : 0;
        if (run > 3) throw Broken{"printf: a width of more than three digits"};
      }
    }
    if (next >= arguments.size()) {
      out += std::string("%!") + verb + "(MISSING)";
      continue;
    }
    const value& argument = arguments[next++];
    char buffer[1200];
    if ((verb == 'd' || verb == 'x' || verb == 'X' || verb == 'o') && argument.is_number()) {
      std::snprintf(buffer, sizeof buffer, ("%" + flags + "ll" + verb).c_str(),
                    static_cast<long long>(argument.to_number<double>()));
      out += buffer;
    } else if ((verb == 'f' || verb == 'g' || verb == 'e') && argument.is_number()) {
      std::snprintf(buffer, sizeof buffer, ("%" + flags + verb).c_str(), argument.to_number<double>());
      out += buffer;
    } else if (verb == 's' || verb == 'v' || verb == 't' || verb == 'q') {
      std::string text = verb == 'q' ? boost::json::serialize(boost::json::string(shown(argument))) : shown(argument);
      const bool left = flags.starts_with('-');
      const std::string digits = flags.substr(
          left ? 1 : 0, flags.find('.') == std::string::npos ? std::string::npos : flags.find('.') - (left ? 1 : 0));
      const std::size_t width =
          digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos ? 0 : std::stoul(digits);
      const std::size_t points = static_cast<std::size_t>(std::count_if(
          text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
      const std::string padding(width > points ? width - points : 0, ' ');
      out += left ? text + padding : padding + text;
    } else {
      out += std::string("%!") + verb + "(" + shown(argument) + ")";
    }
  }
  return out;
}

class Run {
 public:
  explicit Run(const value& data) { variables_["$"] = &data; }
  std::string out;

  void nodes(const tmpl::Nodes& list, const value& dot) {
    const auto before = variables_;  // what a block sets is forgotten at its end
    for (const Node& n : list) node(n, dot);
    variables_ = before;
  }

 private:
  void node(const Node& n, const value& dot) {
    if (n.kind == Node::Kind::text) {
      out += n.text;
      return;
    }
    if (n.kind == Node::Kind::range) return range(n, dot);
    const value result = pipeline(n.pipeline, dot);
    if (!n.pipeline.variables.empty()) set(n.pipeline.variables.back(), result);
    switch (n.kind) {
      case Node::Kind::print: out += shown(result); break;
      case Node::Kind::if_: nodes(is_true(result) ? n.body : n.otherwise, dot); break;
      case Node::Kind::with: nodes(is_true(result) ? n.body : n.otherwise, is_true(result) ? result : dot); break;
      default: break;
    }
  }

  void range(const Node& n, const value& dot) {
    const value items = pipeline(n.pipeline, dot);
    if (!is_true(items)) return nodes(n.otherwise, dot);
    const auto& names = n.pipeline.variables;
    auto each = [&](const value& key, const value& item) {
      if (names.size() == 2) set(names[0], key);
      if (!names.empty()) set(names.back(), item);
      nodes(n.body, item);
    };
    if (const auto* list = items.if_array()) {
      for (std::size_t i = 0; i < list->size(); ++i) each(value(i), (*list)[i]);
    } else if (const auto* object = items.if_object()) {
      for (const std::string& key : sorted_keys(*object)) each(value(key), object->at(key));
    } else {
      throw Broken{"range can't iterate over " + shown(items)};
    }
  }

  void set(const std::string& name, const value& v) {
    held_.push_back(std::make_unique<value>(v));
    variables_[name] = held_.back().get();
  }

  value pipeline(const tmpl::Pipeline& p, const value& dot) {
    value last;
    for (std::size_t i = 0; i < p.commands.size(); ++i) last = command(p.commands[i], dot, i == 0 ? nullptr : &last);
    return last;
  }

  value command(const tmpl::Command& c, const value& dot, const value* piped) {
    std::vector<value> arguments;
    for (const tmpl::Operand& o : c.operands) arguments.push_back(operand(o, dot));
    if (c.function.empty()) {
      if (piped != nullptr) throw Broken{"a value takes no piped argument"};
      return arguments[0];
    }
    if (piped != nullptr) arguments.push_back(*piped);
    return call(c.function, arguments);
  }

  value operand(const tmpl::Operand& o, const value& dot) {
    if (const bool* b = std::get_if<bool>(&o)) return *b;
    if (const std::string* s = std::get_if<std::string>(&o)) return value(*s);
    if (const auto* n = std::get_if<tmpl::Number>(&o)) {
      const bool whole = n->text.find_first_of(".eE") == std::string::npos;
      return whole ? value(static_cast<std::int64_t>(n->value)) : value(n->value);
    }
    const auto* path = std::get_if<tmpl::Path>(&o);
    if (path == nullptr) return {};
    value start = dot;
    if (path->of) {
      start = pipeline(*path->of, dot);
    } else if (!path->variable.empty()) {
      const auto known = variables_.find(path->variable);
      if (known == variables_.end()) throw Broken{"undefined variable \"" + path->variable + "\""};
      start = *known->second;
    }
    for (const std::string& field : path->fields) start = member(start, field);
    return start;
  }

  static value member(const value& of, const std::string& field) {
    const auto* object = of.if_object();
    if (of.is_null()) throw Broken{"nil has no field " + field};
    if (object == nullptr) throw Broken{"can't evaluate field " + field + " in " + shown(of).substr(0, 60)};
    if (const auto* found = object->if_contains(field)) return *found;
    const std::string close = nearest(field, sorted_keys(*object));
    throw Broken{"can't evaluate field " + field + (close.empty() ? "" : "; did you mean ." + close + "?")};
  }

  static value call(const std::string& name, std::vector<value>& a) {
    auto want = [&](std::size_t least) {
      if (a.size() < least)
        throw Broken{"wrong number of args for " + name + ": want at least " + std::to_string(least) + " got " +
                     std::to_string(a.size())};
    };
    if (name == "and" || name == "or") {
      want(1);
      for (const value& v : a) {
        if (is_true(v) == (name == "or")) return v;
      }
      return a.back();
    }
    if (name == "not") return want(1), !is_true(a[0]);
    if (name == "len") {
      want(1);
      if (const auto* s = a[0].if_string()) return s->size();
      if (const auto* l = a[0].if_array()) return l->size();
      if (const auto* o = a[0].if_object()) return o->size();
      return 0;
    }
    if (name == "index") {
      want(2);
      value at = a[0];
      for (std::size_t i = 1; i < a.size(); ++i) {
        if (const auto* list = at.if_array()) {
          const double position = a[i].is_number() ? a[i].to_number<double>() : -1;
          if (position < 0 || position >= static_cast<double>(list->size()))
            throw Broken{"index out of range: " + shown(a[i])};
          at = value((*list)[static_cast<std::size_t>(position)]);
        } else if (const auto* object = at.if_object()) {
          const auto* found = object->if_contains(shown(a[i]));
          at = found != nullptr ? value(*found) : value();
        } else {
          throw Broken{"can't index " + shown(at).substr(0, 60)};
        }
      }
      return at;
    }
    if (name == "printf") return value(formatted(a));
    if (name == "print" || name == "println") {
      std::string text;
      for (const value& v : a) text += (text.empty() || (name == "print" && v.is_string()) ? "" : " ") + shown(v);
      return value(text + (name == "println" ? "\n" : ""));
    }
    want(2);
    if (name == "eq") return std::any_of(a.begin() + 1, a.end(), [&](const value& v) { return compare(a[0], v) == 0; });
    const int order = compare(a[0], a[1]);
    if (name == "ne") return order != 0;
    if (name == "lt") return order < 0;
    if (name == "le") return order <= 0;
    return name == "gt" ? order > 0 : order >= 0;
  }

  std::map<std::string, const value*> variables_;
  std::vector<std::unique_ptr<value>> held_;
};

}  // namespace

std::expected<std::string, std::string> fill_template(const std::string& text, const value& data) {
  const auto nodes = tmpl::parse(text);
  if (!nodes) return std::unexpected(nodes.error());
  Run run(data);
  try {
    run.nodes(*nodes, data);
  } catch (const Broken& broken) {
    return std::unexpected("template: executing: " + broken.why);
  }
  return std::move(run.out);
}

}  // namespace orch::cli
