#include "cli/agent/config/block_reader.h"

#include <algorithm>
#include <charconv>

namespace orch::config {

void File::warn(Position at, std::string message, std::string hint) {
  warnings_.list.push_back(
      {std::string(file_), at, std::move(message), std::move(hint), syntax::line_of(text_, at.line)});
}

Block::Block(File& file, std::string name, const syntax::Object& items)
    : file_(file), name_(std::move(name)), items_(items) {}

Block::~Block() {
  const std::vector<std::string> known(asked_.begin(), asked_.end());
  for (const syntax::Item& item : items_) {
    if (!asked_.contains(item.key)) unknown(item, known);
  }
}

void Block::unknown(const syntax::Item& item, const std::vector<std::string>& known) {
  const std::string close = nearest(item.key, known);
  file_.wrong(item.at, (name_.empty() ? "configuration" : name_) + " -> invalid key: " + item.key,
              close.empty() ? std::string() : "did you mean \"" + close + "\"?");
}

const syntax::Item* Block::find(const char* key) {
  asked_.insert(key);
  const syntax::Item* found = nullptr;
  for (const syntax::Item& item : items_) {
    if (item.key != key) continue;
    if (found != nullptr) {
      file_.wrong(item.at, named(key) + " is given twice",
                  "the first one stands in line " + std::to_string(found->at.line));
      break;
    }
    found = &item;
  }
  return found;
}

bool Block::port(const char* key, std::uint16_t& v) {
  const syntax::Item* item = find(key);
  std::int64_t number = 0;
  if (item == nullptr || !file_.whole(item->value, named(key), 0, 65535, number)) return false;
  v = static_cast<std::uint16_t>(number);
  return true;
}

void Block::block(const char* key, const std::function<void(Block&)>& use) {
  const syntax::Item* item = find(key);
  if (item == nullptr) return;
  const auto found = file_.bodies(*item, false, "a block");
  if (found.size() > 1) return file_.wrong(found[1].at, named(key) + " is given twice");
  for (const auto& body : found) {
    Block inner(file_, named(key), *body.items);
    use(inner);
  }
}

void Block::named_blocks(const char* key, const std::function<void(const std::string& name, Block&)>& use) {
  asked_.insert(key);
  for (const syntax::Item& item : items_) {
    if (item.key != key) continue;
    for (const auto& body : file_.bodies(item, true, "a block")) {
      Block inner(file_, named(key) + " \"" + body.label + "\"", *body.items);
      use(body.label, inner);
    }
  }
}

void Block::all(const std::function<void(const std::string& key, const std::string& value)>& use) {
  for (const syntax::Item& item : items_) {
    const syntax::Item* first = find(item.key.c_str());
    if (first == &item) use(item.key, file_.scalar_text(item.value, named(item.key)));
  }
}

void Block::each_leaf(const Leaf& use) {
  std::vector<std::string> path;
  for (const syntax::Item& item : items_) asked_.insert(item.key);
  leaves(items_, path, use);
}

void Block::leaves(const syntax::Object& items, std::vector<std::string>& path, const Leaf& use) {
  for (const syntax::Item& item : items) {
    path.push_back(item.key);
    const auto* list = item.value.list();
    const bool blocks = list != nullptr && !list->empty() && list->front().object() != nullptr;
    if (item.value.object() != nullptr || blocks) {
      for (const auto& body : file_.bodies(item, false, "a block")) leaves(*body.items, path, use);
    } else {
      const Finding found = use(path, file_.free_value(item.value));
      if (!found.wrong.empty()) file_.wrong(item.at, found.wrong);
      if (!found.warning.empty()) file_.warn(item.at, found.warning);
    }
    path.pop_back();
  }
}

void Block::noted(std::initializer_list<const char*> keys, const char* why) {
  for (const char* key : keys) warn(key, std::string(why));
}

void Block::needless(std::initializer_list<const char*> keys) {
  for (const char* key : keys) find(key);
}

void Block::refused(const char* key, const std::string& why, const std::string& hint, std::int64_t most) {
  const syntax::Item* item = find(key);
  if (item == nullptr) return;
  const auto& value = item->value.value;
  bool says = true;
  if (const bool* truth = std::get_if<bool>(&value)) says = *truth;
  if (const std::string* text = item->value.text()) says = !text->empty() && *text != "false" && *text != "0";
  if (const auto* list = item->value.list()) says = !list->empty();
  if (const auto* number = std::get_if<syntax::Number>(&value)) {
    std::int64_t whole = 0;
    std::from_chars(number->text.data(), number->text.data() + number->text.size(), whole);
    says = whole > most;
  }
  if (says) file_.wrong(item->at, named(key) + " is not supported yet: " + why, hint);
}

void Block::wrong(const char* key, const std::string& message, const std::string& hint) {
  if (const syntax::Item* item = find(key)) file_.wrong(item->at, named(key) + ": " + message, hint);
}

void Block::warn(const char* key, const std::string& message, const std::string& hint) {
  if (const syntax::Item* item = find(key)) file_.warn(item->at, named(key) + " " + message, hint);
}

}  // namespace orch::config
