#include "cli/completion.h"

#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "cli/api_client.h"
#include "cli/command.h"
#include "core/model/json_text.h"

namespace orch::cli {
namespace {

const char* context_of(Offer what) {
  switch (what) {
    case Offer::anything: return "all";
    case Offer::jobs: return "jobs";
    case Offer::allocations: return "allocs";
    case Offer::nodes: return "nodes";
    case Offer::evaluations: return "evals";
    case Offer::deployments: return "deployment";
    case Offer::nothing:
    case Offer::files: break;
  }
  return nullptr;
}

Words words_of(std::string_view line) {
  Words words{""};
  for (char c : line) {
    const bool space = c == ' ' || c == '\t';
    if (!space) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  return words;
}

// Ids come from the agent, if it answers at once.
void offer(Offer what, const std::string& prefix) {
  const char* context = context_of(what);
  if (context == nullptr) return;
  GeneralOptions general;
  CommandLine nobody("", "");
  general.add_to(nobody);
  ApiClient api(general);
  const auto found = api.put(
      "/v1/search", std::string("{\"Context\":\"") + context + "\",\"Prefix\":" + quoted(prefix) + "}", seconds(1));
  if (!found) return;
  const auto* matches = member_of(found->json, "Matches").if_object();
  if (matches == nullptr) return;
  for (const auto& [name, ids] : *matches) {
    const auto* list = ids.if_array();
    if (list == nullptr) continue;
    for (const auto& id : *list) {
      if (id.is_string()) std::printf("%s\n", id.get_string().c_str());
    }
  }
}

}  // namespace

int complete_line(std::string_view line) {
  complete_with(offer);
  Words words = words_of(line);
  if (words.size() < 2) return 0;
  words.erase(words.begin());
  const std::string typed = words.back();
  // The words before the one that is being typed may name a command already.
  std::string before;
  const Command* command = nullptr;
  std::size_t used = 0;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    before += (i == 0 ? "" : " ") + words[i];
    if (const Command* named = find_command(before)) command = named, used = i + 1;
  }
  const std::string group = before.empty() ? "" : before + " ";
  std::set<std::string> next;
  for (const Command& c : commands()) {
    const std::string name = c.name;
    if (!name.starts_with(group + typed)) continue;
    next.insert(name.substr(group.size(), name.find(' ', group.size()) - group.size()));
  }
  for (const std::string& word : next) std::printf("%s\n", word.c_str());
  return command != nullptr ? command->run(Words(words.begin() + static_cast<std::ptrdiff_t>(used), words.end())) : 0;
}

}  // namespace orch::cli
