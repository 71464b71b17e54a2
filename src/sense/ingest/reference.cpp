// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/reference.hpp"

#include <algorithm>
#include <charconv>

namespace bongsu::ingest {
namespace {

std::optional<std::string_view> LevelOf(std::string_view topic, std::size_t level) {
  for (; level > 0; --level) {
    const std::size_t slash = topic.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    topic.remove_prefix(slash + 1);
  }
  return topic.substr(0, topic.find('/'));
}

std::optional<json::Value> ValueAt(const json::Value* from, std::string_view pointer) {
  const json::Value* const found = from == nullptr ? nullptr : from->At(pointer);
  if (found == nullptr || found->IsNull()) return std::nullopt;
  return *found;
}

}  // namespace

bool Reference::LooksLikeOne(std::string_view text) {
  return text.empty() || text.starts_with('/') || text == "^" || text.starts_with("^/") || text == "topic" ||
         text.starts_with("topic.") || text.starts_with("group.") || text == "source" || text == "tenant" ||
         text == "arrival";
}

Result<Reference> Reference::Parse(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return Fail(Code::kInvalidArgument, "mapping.bad_reference",
                "'{}' is no reference: {} (/pointer, ^/pointer, topic, topic.N, group.NAME, source, tenant, arrival)",
                text, why);
  };
  Reference made;
  if (text.starts_with('^')) {
    made.kind_ = Kind::kRoot;
    made.text_ = text.substr(1);
  } else if (text.empty() || text.starts_with('/')) {
    made.text_ = text;
  } else if (text == "topic") {
    made.kind_ = Kind::kTopic;
  } else if (text.starts_with("topic.")) {
    made.kind_ = Kind::kTopicLevel;
    const std::string_view number = text.substr(6);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), made.level_);
    if (error != std::errc{} || end != number.data() + number.size()) return bad("topic. wants a number");
  } else if (text.starts_with("group.")) {
    made.kind_ = Kind::kGroup;
    made.text_ = text.substr(6);
  } else if (text == "source") {
    made.kind_ = Kind::kSource;
  } else if (text == "tenant") {
    made.kind_ = Kind::kTenant;
  } else if (text == "arrival") {
    made.kind_ = Kind::kArrival;
  } else {
    return bad("it begins with none of the known words");
  }
  if (!made.text_.empty() && (made.kind_ == Kind::kMessage || made.kind_ == Kind::kRoot) && made.text_.front() != '/') {
    return bad("a pointer begins with /");
  }
  return made;
}

std::optional<json::Value> Reference::Get(const Scope& scope) const {
  switch (kind_) {
    case Kind::kMessage:
      return ValueAt(scope.message, text_);
    case Kind::kRoot:
      return ValueAt(scope.root, text_);
    case Kind::kTopic:
      return json::Value{scope.topic};
    case Kind::kTopicLevel: {
      const auto level = LevelOf(scope.topic, level_);
      if (!level) return std::nullopt;
      return json::Value{*level};
    }
    case Kind::kGroup: {
      if (scope.groups == nullptr) return std::nullopt;
      const auto found = std::ranges::find(*scope.groups, text_, &Groups::value_type::first);
      if (found == scope.groups->end()) return std::nullopt;
      return json::Value{found->second};
    }
    case Kind::kSource:
      return json::Value{scope.source};
    case Kind::kTenant:
      return json::Value{scope.tenant};
    case Kind::kArrival:
      return json::Value{FormatUtc(scope.arrived)};
  }
  return std::nullopt;
}

Result<Template> Template::Parse(std::string_view text) {
  Template made;
  std::string literal;
  const auto flush = [&] {
    if (!literal.empty()) made.parts_.push_back({std::exchange(literal, {}), std::nullopt});
  };
  while (!text.empty()) {
    if (text.starts_with("{{") || text.starts_with("}}")) {
      literal += text.front();
      text.remove_prefix(2);
    } else if (text.front() == '{') {
      const std::size_t end = text.find('}');
      if (end == std::string_view::npos) {
        return Fail(Code::kInvalidArgument, "mapping.bad_reference", "'{}' has no closing brace", text);
      }
      flush();
      BONGSU_TRY(Reference reference, Reference::Parse(text.substr(1, end - 1)));
      made.parts_.push_back({{}, std::move(reference)});
      text.remove_prefix(end + 1);
    } else {
      literal += text.front();
      text.remove_prefix(1);
    }
  }
  flush();
  return made;
}

std::optional<std::string> Template::Get(const Scope& scope) const {
  std::string out;
  for (const Part& part : parts_) {
    if (!part.reference) {
      out += part.literal;
      continue;
    }
    const auto value = part.reference->Get(scope);
    if (!value) return std::nullopt;
    const std::string text = json::ToPlainText(*value);
    if (text.empty()) return std::nullopt;
    out += text;
  }
  return out;
}

Result<void> CheckKeys(std::string_view file, const yaml::Node& map, std::initializer_list<std::string_view> allowed) {
  if (!map.IsMap()) return yaml::FailAt(file, map, "mapping.bad", "a map of keys is expected here");
  for (const auto& [key, value] : map.members) {
    if (std::ranges::find(allowed, key.scalar) == allowed.end()) {
      std::string known;
      for (const std::string_view word : allowed) known += fmt::format("{}{}", known.empty() ? "" : ", ", word);
      return yaml::FailAt(file, key, "mapping.unknown_key", "'{}' is not known here; known: {}", key.scalar, known);
    }
  }
  return {};
}

}  // namespace bongsu::ingest
