#include "cli/command.h"

#include <cstdio>
#include <cstdlib>

#include "core/jobspec/diagnostic.h"

namespace orch::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

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

}  // namespace

void GeneralOptions::add_to(CLI::App& app) {
  address = environment("ORCH_ADDR");
  if (address.empty()) address = environment("NOMAD_ADDR");
  if (address.empty()) address = "http://127.0.0.1:4646";
  region = environment("NOMAD_REGION");
  ns = environment("NOMAD_NAMESPACE");
  token = environment("NOMAD_TOKEN");
  no_color = !environment("NOMAD_CLI_NO_COLOR").empty() || !environment("NO_COLOR").empty();
  const std::string group = "General options";
  app.add_option("--address", address, "Address of the agent (ORCH_ADDR, NOMAD_ADDR)")->group(group);
  app.add_option("--region", region, "Region of the agent")->group(group);
  app.add_option("--namespace", ns, "Namespace")->group(group);
  app.add_option("--token", token, "Token, passed on in X-Nomad-Token")->group(group);
  app.add_flag("--no-color", no_color, "No colour, also on a terminal")->group(group);
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

std::optional<int> parse(CLI::App& app, const Words& words, int misuse) {
  app.set_help_flag("--help,--h", "Shows this text");
  Words given = with_two_dashes(words);
  std::reverse(given.begin(), given.end());
  try {
    app.parse(given);
    return {};
  } catch (const CLI::CallForHelp&) {
    std::fputs(with_one_dash(app.help()).c_str(), stdout);
    return 0;
  } catch (const CLI::ExtrasError& error) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("-" + name);
    }
    std::string message = "unknown or superfluous argument:";
    std::string close;
    for (const std::string& word : app.remaining()) {
      message += " " + with_one_dash(word);
      if (close.empty() && word.starts_with("--")) close = nearest(word.substr(1), names);
    }
    if (!close.empty()) message += " (did you mean " + close + "?)";
    usage_error(app, message);
    return misuse;
  } catch (const CLI::ParseError& error) {
    usage_error(app, with_one_dash(error.what()));
    return misuse;
  }
}

int usage_error(const CLI::App& app, const std::string& message) {
  std::fprintf(stderr, "%s\nFor help: %s -help\n", message.c_str(), app.get_name().c_str());
  return 1;
}

}  // namespace orch::cli
