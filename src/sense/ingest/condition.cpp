// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/condition.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

namespace bongsu::ingest {
namespace {

constexpr std::int64_t kPatternBytes = 1 << 20;
constexpr int kMaxGroups = 16;

Result<double> NumberOf(std::string_view file, const yaml::Node& node) {
  const json::Value value = yaml::ToJson(node);
  if (!value.IsNumber()) return yaml::FailAt(file, node, "mapping.bad", "a number is expected here");
  return value.AsDouble();
}

std::vector<std::string> TextsOf(const yaml::Node& node) {
  if (!node.IsSequence()) return {node.scalar};
  std::vector<std::string> texts;
  for (const yaml::Node& item : node.items) texts.push_back(item.scalar);
  return texts;
}

std::optional<double> AsNumber(const json::Value& value) {
  if (value.IsNumber()) return value.AsDouble();
  const std::string_view text = value.AsString();
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<Pattern> CompilePattern(std::string_view file, const yaml::Node& node) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternBytes);
  auto pattern = std::make_shared<const re2::RE2>(node.scalar, options);
  if (!pattern->ok())
    return yaml::FailAt(file, node, "mapping.bad_pattern", "pattern '{}': {}", node.scalar, pattern->error());
  if (pattern->NumberOfCapturingGroups() > kMaxGroups) {
    return yaml::FailAt(file, node, "mapping.bad_pattern", "pattern '{}' has more than {} groups", node.scalar,
                        kMaxGroups);
  }
  return pattern;
}

bool SearchPattern(const Pattern& pattern, std::string_view text, Groups* groups) {
  std::array<re2::StringPiece, kMaxGroups + 1> found;
  const int count = groups == nullptr ? 0 : pattern->NumberOfCapturingGroups() + 1;
  if (!pattern->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED, found.data(),
                      count)) {
    return false;
  }
  if (groups == nullptr) return true;
  groups->clear();
  for (const auto& [name, index] : pattern->NamedCapturingGroups()) {
    const re2::StringPiece& piece = found[static_cast<std::size_t>(index)];
    if (piece.data() != nullptr) groups->emplace_back(name, std::string(piece.data(), piece.size()));
  }
  return true;
}

Result<Condition> Condition::Load(std::string_view file, const yaml::Node& map) {
  Condition made;
  const yaml::Node* const path = map.Find("path");
  if (path == nullptr) return yaml::FailAt(file, map, "mapping.bad", "a condition wants `path`");
  auto reference = Reference::Parse(path->scalar);
  if (!reference) return yaml::FailAt(file, *path, reference.error().reason, "{}", reference.error().message);
  made.reference_ = *std::move(reference);
  int tests = 0;
  for (const auto& [key, value] : map.members) {
    const std::string& word = key.scalar;
    if (word == "equals" || word == "in" || word == "not") {
      made.test_ = word == "not" ? Test::kNot : Test::kEquals;
      made.texts_ = TextsOf(value);
    } else if (word == "exists") {
      made.test_ = Test::kExists;
      made.exists_ = value.scalar == "true";
      if (value.scalar != "true" && value.scalar != "false")
        return yaml::FailAt(file, value, "mapping.bad", "true or false is expected here");
    } else if (word == "matches") {
      made.test_ = Test::kMatches;
      BONGSU_TRY(made.pattern_, CompilePattern(file, value));
    } else if (word == "at_least" || word == "below") {
      made.test_ = word == "below" ? Test::kBelow : Test::kAtLeast;
      BONGSU_TRY(made.number_, NumberOf(file, value));
    } else {
      continue;
    }
    ++tests;
  }
  if (tests != 1)
    return yaml::FailAt(file, map, "mapping.bad",
                        "a condition wants exactly one of equals, in, not, exists, matches, at_least, below");
  return made;
}

bool Condition::Holds(const Scope& scope) const {
  const auto value = reference_.Get(scope);
  if (test_ == Test::kExists) return value.has_value() == exists_;
  if (!value) return test_ == Test::kNot;
  switch (test_) {
    case Test::kEquals:
      return std::ranges::find(texts_, json::ToPlainText(*value)) != texts_.end();
    case Test::kNot:
      return std::ranges::find(texts_, json::ToPlainText(*value)) == texts_.end();
    case Test::kMatches:
      return SearchPattern(pattern_, json::ToPlainText(*value), nullptr);
    case Test::kAtLeast: {
      const auto number = AsNumber(*value);
      return number && *number >= number_;
    }
    case Test::kBelow: {
      const auto number = AsNumber(*value);
      return number && *number < number_;
    }
    case Test::kExists:
      break;
  }
  return false;
}

Result<Conditions> Conditions::Load(std::string_view file, const yaml::Node& map) {
  Conditions made;
  if (map.Find("path") != nullptr) {
    BONGSU_TRY(Condition condition, Condition::Load(file, map));
    made.all.push_back(std::move(condition));
  }
  const yaml::Node* const where = map.Find("where");
  if (where == nullptr) return made;
  if (!where->IsSequence()) return yaml::FailAt(file, *where, "mapping.bad", "`where` is a list of conditions");
  for (const yaml::Node& item : where->items) {
    BONGSU_CHECK(CheckKeys(file, item, {"path", "equals", "in", "not", "exists", "matches", "at_least", "below"}));
    BONGSU_TRY(Condition condition, Condition::Load(file, item));
    made.all.push_back(std::move(condition));
  }
  return made;
}

bool Conditions::Hold(const Scope& scope) const {
  return std::ranges::all_of(all, [&](const Condition& condition) { return condition.Holds(scope); });
}

}  // namespace bongsu::ingest
