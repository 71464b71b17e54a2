// SPDX-License-Identifier: Apache-2.0
#include "act/sop/steps/action.hpp"

#include <algorithm>
#include <array>

namespace bongsu::sop::steps {
namespace {

constexpr std::size_t kLongestLabel = 24;  // characters on a button

std::size_t Characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

Result<json::Value> ParseText(const yaml::Node* text, const yaml::Node& owner, std::string_view name,
                              std::size_t most_characters, std::string_view file) {
  if (text == nullptr || !text->IsMap()) {
    return FailAt(file, text != nullptr ? *text : owner, "procedure.bad_text", "'{}' is needed, as {{ko: …, en: …}}",
                  name);
  }
  json::Value value;
  for (const auto& [key, word] : text->members) {
    if (key.scalar != "ko" && key.scalar != "en") {
      return FailAt(file, key, "procedure.bad_text", "'{}' has ko and en, not '{}'", name, key.scalar);
    }
    if (!word.IsScalar() || word.scalar.empty()) return FailAt(file, key, "procedure.bad_text", "'{}' is empty", name);
    if (Characters(word.scalar) > most_characters) {
      return FailAt(file, word, "procedure.bad_text", "'{}' has {} characters, at most {} are shown", name,
                    Characters(word.scalar), most_characters);
    }
    value.Set(key.scalar, word.scalar);
  }
  if (value["ko"].IsNull()) return FailAt(file, *text, "procedure.bad_text", "'{}' needs a Korean text", name);
  return value;
}

Result<json::Value> ParseAction(const yaml::Node& action, std::string_view file) {
  static const std::array kKinds{&kNotify, &kCall, &kOpen};
  if (!action.IsMap()) return FailAt(file, action, "procedure.bad_action", "'action' is a map with kind and label");
  const std::string kind = action.Text("kind");
  const auto found = std::ranges::find(kKinds, kind, [](const ActionKind* known) { return known->name; });
  if (found == kKinds.end()) {
    return FailAt(file, action, "procedure.bad_action", "there is no action kind '{}' (notify, call, open)", kind);
  }
  for (const auto& [key, value] : action.members) {
    if (key.scalar != "kind" && key.scalar != "label" && key.scalar != "channel" && key.scalar != "peer") {
      return FailAt(file, key, "procedure.bad_action", "an action has no '{}'", key.scalar);
    }
  }
  BONGSU_CHECK((*found)->check(action, file));
  json::Value value = json::Object{{"kind", kind}};
  BONGSU_TRY(json::Value label, ParseText(action.Find("label"), action, "label", kLongestLabel, file));
  value.Set("label", std::move(label));
  for (const std::string_view name : {"channel", "peer"}) {
    if (const std::string text = action.Text(name); !text.empty()) value.Set(name, text);
  }
  return value;
}

}  // namespace bongsu::sop::steps
