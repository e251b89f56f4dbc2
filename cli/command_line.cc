#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <type_traits>
#include <utility>

#include "cli/format/color.h"
#include "core/base/assert.h"
#include "core/base/format.h"
#include "core/jobspec/diagnostic.h"

namespace orch::cli {
namespace {

// Set when this run of the program only completes a line.
OfferFunction offer_ = nullptr;

// "yes,y" → {"yes", "y"}
std::vector<std::string> split(const std::string& names) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin <= names.size();) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    out.push_back(names.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::string for_parser(const std::string& names) {
  std::string out;
  for (const std::string& name : split(names)) {
    const bool off = name.starts_with('!');
    out += (out.empty() ? "" : ",") + std::string(off ? "!--" : "--") + name.substr(off ? 1 : 0);
  }
  return out;
}

// The library speaks of "--x"; people here write "-x".
std::string with_one_dash(std::string text) {
  for (std::size_t at = text.find("--"); at != std::string::npos; at = text.find("--", at)) {
    const bool word = at + 2 < text.size() && std::isalpha(static_cast<unsigned char>(text[at + 2])) != 0;
    if (word) {
      text.erase(at, 1);
    } else {
      at += 2;
    }
  }
  return text;
}

// The library's "--raw: 1 required UINT missing". What else it says of a number of words is of arguments.
std::string without_value(const std::string& error) {
  const std::size_t colon = error.find(": ");
  const bool missing = error.starts_with("--") && colon != std::string::npos && error.ends_with(" missing");
  return missing ? error.substr(1, colon - 1) + ": its value is missing" : with_one_dash(error);
}

// The library's "Could not convert: --detach = maybe", of a flag: what a number takes is checked before.
std::string no_truth(const std::string& error) {
  constexpr std::string_view begin = "Could not convert: -", between = " = ";
  const std::size_t at = error.find(between);
  if (!error.starts_with(begin) || at == std::string::npos) return with_one_dash(error);
  return error.substr(begin.size(), at - begin.size()) + ": takes true or false, got " +
         error.substr(at + between.size());
}

// What is wrong with the value of an option that takes a whole number; empty: nothing.
template <class Number>
std::string number_problem(const std::string& text, Number least, Number most) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number >= least && number <= most) return {};
  using Limits = std::numeric_limits<Number>;
  const std::string from = std::is_signed_v<Number> && least == Limits::min() ? "" : fmt::format(" from {}", least);
  const std::string to = most == Limits::max() ? "" : fmt::format(" to {}", most);
  return fmt::format("takes a number{}{}, got {}", from, to, text);
}

std::string indented(const std::string& text, const char* by) {
  std::string out = by;
  for (char c : text) {
    out += c;
    if (c == '\n') out += by;
  }
  return out;
}

}  // namespace

void complete_with(OfferFunction offer) {
  ORCH_ASSERT(offer_ == nullptr && offer != nullptr, "a run of the program completes one line");
  offer_ = offer;
}

struct CommandLine::Parser {
  CLI::App app;
  std::vector<CLI::Option*> arguments;
};

CommandLine::CommandLine(std::string summary, std::string name)
    : summary_(std::move(summary)), name_(std::move(name)), parser_(std::make_unique<Parser>()) {
  parser_->app.set_help_flag("--help,--h", "");
  parser_->app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}
CommandLine::~CommandLine() = default;

void CommandLine::show(const std::string& names, const std::string& help, bool takes_value) {
  std::string usage;
  for (const std::string& name : split(names)) {
    ORCH_ASSERT(!name.empty() && !name.starts_with('-'), "options are declared by name, without dashes");
    if (name.starts_with('!')) {
      names_.push_back("-" + name.substr(1));
      continue;
    }
    names_.push_back("-" + name);
    if (takes_value) valued_.push_back("-" + name);
    usage += (usage.empty() ? "-" : ", -") + name;
  }
  shown_.push_back({usage + (takes_value ? "=…" : ""), help, general_});
}

void CommandLine::add_flag(const std::string& names, bool& value, const std::string& help) {
  parser_->app.add_flag(for_parser(names), value);
  show(names, help, false);
}
void CommandLine::add_option(const std::string& names, std::string& value, const std::string& help) {
  parser_->app.add_option(for_parser(names), value);
  show(names, help, true);
}
void CommandLine::add_option(const std::string& names, std::int64_t& value, const std::string& help) {
  using Limits = std::numeric_limits<std::int64_t>;
  parser_->app.add_option(for_parser(names), value)->check([](const std::string& text) {
    return number_problem(text, Limits::min(), Limits::max());
  });
  show(names, help, true);
}
void CommandLine::add_option(const std::string& names, std::uint64_t& value, const std::string& help) {
  // The parser would count from the other end: -5 is 2^64 - 5 to it.
  parser_->app.add_option(for_parser(names), value)->check([](const std::string& text) {
    return number_problem(text, std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max());
  });
  show(names, help, true);
}
void CommandLine::add_option(const std::string& names, std::vector<std::string>& values, const std::string& help) {
  parser_->app.add_option(for_parser(names), values)->allow_extra_args(false)->take_all();
  show(names, help, true);
}
void CommandLine::add_option(const std::string& names, std::optional<std::string>& value, const std::string& help) {
  parser_->app.add_option(for_parser(names), value);
  show(names, help, true);
}
void CommandLine::add_option(const std::string& names, std::optional<std::int64_t>& value, const std::string& help,
                             std::int64_t least, std::int64_t most) {
  ORCH_ASSERT(least <= most, "an option has a value that it takes");
  parser_->app.add_option(for_parser(names), value)->check([least, most](const std::string& text) {
    return number_problem(text, least, most);
  });
  show(names, help, true);
}
void CommandLine::add_argument(const std::string& name, std::string& value, const std::string& help, Need need,
                               Offer offer) {
  ORCH_ASSERT(need == Need::optional || arguments_.empty() || arguments_.back().need == Need::required,
              "arguments that must be given come before those that may be left out");
  // A word too many is told, not taken for the last one.
  parser_->arguments.push_back(
      parser_->app.add_option(name, value)->multi_option_policy(CLI::MultiOptionPolicy::Throw));
  arguments_.push_back({name, help, need, offer});
}
void CommandLine::add_color_flag() {
  add_flag("no-color", no_color_, "No colour, also on a terminal; also NO_COLOR, NOMAD_CLI_NO_COLOR");
}
void CommandLine::allow_others() { parser_->app.allow_extras(); }

std::string CommandLine::help() const {
  std::string usage = "Usage: " + name_ + " [options]";
  std::size_t widest = 0;
  for (const Argument& a : arguments_) {
    usage += a.need == Need::required ? " <" + a.name + ">" : " [" + a.name + "]";
    widest = std::max(widest, a.name.size());
  }
  std::size_t columns = widest;
  for (const Shown& s : shown_) columns = std::max(columns, s.usage.size() - (s.usage.ends_with("…") ? 2 : 0));
  auto line = [&](const std::string& left, const std::string& right) {
    const std::size_t wide = left.size() - (left.ends_with("…") ? 2 : 0);
    return "  " + left + std::string(columns - wide + 2, ' ') + right + "\n";
  };
  std::string out = usage + "\n\n" + indented(summary_, "  ") + "\n";
  if (!arguments_.empty()) out += "\nArguments:\n";
  for (const Argument& a : arguments_) out += line(a.name, a.help);
  for (const bool general : {false, true}) {
    bool any = false;
    for (const Shown& s : shown_) {
      if (s.general != general) continue;
      if (!any) out += general ? "\nGeneral options:\n" : "\nOptions:\n";
      any = true;
      out += line(s.usage, s.help);
    }
  }
  if (!examples_.empty()) out += "\nExamples:\n";
  for (const std::string& example : examples_) out += "  " + example + "\n";
  return out;
}

int CommandLine::misused(const std::string& message) const {
  std::fflush(stdout);
  std::fprintf(stderr, "%s\nFor help: %s -help\n", message.c_str(), name_.c_str());
  return 1;
}

std::expected<void, std::string> CommandLine::read(const Words& words) {
  ORCH_ASSERT(!std::exchange(read_, true), "values are read once: a second time would mix the two");
  Words given = with_two_dashes(words);
  std::reverse(given.begin(), given.end());
  try {
    parser_->app.parse(given);
  } catch (const CLI::CallForHelp&) {
    return std::unexpected(std::string());
  } catch (const CLI::ExtrasError&) {
    return std::unexpected(unknown_words());
  } catch (const CLI::ArgumentMismatch& error) {
    return std::unexpected(without_value(error.what()));
  } catch (const CLI::ConversionError& error) {
    return std::unexpected(no_truth(error.what()));
  } catch (const CLI::ParseError& error) {
    return std::unexpected(with_one_dash(error.what()));
  }
  for (std::size_t i = 0; i < arguments_.size(); ++i) {
    if (arguments_[i].need == Need::required && parser_->arguments[i]->count() == 0)
      return std::unexpected("This command takes an argument: <" + arguments_[i].name + ">");
  }
  return {};
}

// "unknown option -confg; did you mean -config?", a line for each word.
std::string CommandLine::unknown_words() const {
  std::string message;
  for (const std::string& word : parser_->app.remaining()) {
    const bool option = word.starts_with("--");
    const std::string name = option ? word.substr(1, word.find('=') - 1) : word;
    const std::string close = option ? nearest(name, names_) : "";
    message +=
        (message.empty() ? "" : "\n") + (option ? "unknown option " + name : "superfluous argument \"" + name + "\"");
    if (!close.empty()) message += "; did you mean " + close + "?";
  }
  return message;
}

std::optional<int> CommandLine::parse(const Words& words, int misuse) {
  if (offer_ != nullptr) return complete(words);
  if (const auto done = read(words); !done) {
    if (!done.error().empty()) {
      misused(done.error());
      return misuse;
    }
    std::fputs(help().c_str(), stdout);
    return 0;
  }
  if (no_color_) set_color(false);
  return {};
}

// The last word is the one that is being typed.
int CommandLine::complete(const Words& words) const {
  const std::string typed = words.empty() ? "" : words.back();
  if (typed.starts_with('-')) {
    const std::string one_dash = typed.starts_with("--") ? typed.substr(1) : typed;
    for (const std::string& name : names_) {
      if (name.starts_with(one_dash)) std::printf("%s\n", name.c_str());
    }
    return 0;
  }
  std::size_t position = 0;
  bool is_value = false;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    const std::string name = word.starts_with("--") ? word.substr(1) : word;
    if (is_value) {
      is_value = false;
    } else if (name.starts_with('-')) {
      is_value = std::find(valued_.begin(), valued_.end(), name) != valued_.end();
    } else {
      ++position;
    }
  }
  if (!is_value && position < arguments_.size()) offer_(arguments_[position].offer, typed);
  return 0;
}

Words with_two_dashes(const Words& words) {
  Words out;
  bool literal = false;
  for (const std::string& word : words) {
    const bool option = !literal && word.size() > 1 && word[0] == '-' && word[1] != '-' &&
                        std::isdigit(static_cast<unsigned char>(word[1])) == 0;
    literal |= word == "--";
    out.push_back(option ? "-" + word : word);
  }
  return out;
}

}  // namespace orch::cli
