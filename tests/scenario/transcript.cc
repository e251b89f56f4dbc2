#include "tests/scenario/transcript.h"

#include <sstream>

namespace orch::scenario {
namespace {

void add_lines(std::string& text, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) text += line + "\n";
}

}  // namespace

std::vector<Step> read_transcript(std::string_view text) {
  std::vector<Step> steps;
  std::vector<std::string> loose;  // comments and empty lines of the next command
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with("#")) {
      loose.push_back(line);
    } else if (line.starts_with("> ")) {
      steps.push_back({.before = std::move(loose), .command = line.substr(2)});
      loose.clear();
    } else if (line.starts_with("|") && !steps.empty()) {
      steps.back().document += line.substr(line.starts_with("| ") ? 2 : 1) + "\n";
    } else if (!steps.empty()) {
      steps.back().answers.push_back(line);
    }
  }
  if (!loose.empty()) steps.push_back({.before = std::move(loose)});
  return steps;
}

std::string write_transcript(const std::vector<Step>& steps) {
  std::string text;
  for (const Step& step : steps) {
    add_lines(text, step.before);
    if (step.command.empty()) continue;
    text += "> " + step.command + "\n";
    std::istringstream document(step.document);
    for (std::string line; std::getline(document, line);) text += line.empty() ? "|\n" : "| " + line + "\n";
    add_lines(text, step.answers);
  }
  return text;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::istringstream in{std::string(line)};
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

}  // namespace orch::scenario
