// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/value_spec.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace bongsu::ingest {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

bool IsBlank(const json::Value& value) {
  return value.IsNull() || (value.IsString() && Trim(value.AsString()).empty());
}

std::optional<double> ToNumber(const json::Value& value) {
  if (value.IsNumber()) return value.AsDouble();
  std::string_view text = Trim(value.AsString());
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
    return std::nullopt;
  return number;
}

std::optional<bool> ToBool(const json::Value& value) {
  if (value.IsBool()) return value.AsBool();
  const std::string text = json::ToPlainText(value);
  if (text == "true" || text == "1" || text == "Y" || text == "y" || text == "yes") return true;
  if (text == "false" || text == "0" || text == "N" || text == "n" || text == "no") return false;
  return std::nullopt;
}

}  // namespace

ValueSpec ValueSpec::Constant(json::Value value) {
  ValueSpec made;
  made.constant_ = std::move(value);
  return made;
}

Result<void> ValueSpec::LoadSource(std::string_view file, const yaml::Node& node) {
  if (!node.IsScalar())
    return yaml::FailAt(file, node, "mapping.bad_reference", "a reference or a template is expected here");
  name_ = node.scalar;
  const bool braces = node.scalar.find('{') != std::string::npos;
  if (!braces && !Reference::LooksLikeOne(node.scalar)) {
    return yaml::FailAt(
        file, node, "mapping.bad_reference",
        "'{}' is no reference (/pointer, topic.N, group.NAME) and no template; write {{value: {}}} for a constant",
        node.scalar, node.scalar);
  }
  if (braces) {
    auto made = Template::Parse(node.scalar);
    if (!made) return yaml::FailAt(file, node, made.error().reason, "{}", made.error().message);
    template_ = *std::move(made);
  } else {
    auto made = Reference::Parse(node.scalar);
    if (!made) return yaml::FailAt(file, node, made.error().reason, "{}", made.error().message);
    reference_ = *std::move(made);
  }
  return {};
}

Result<void> ValueSpec::LoadOptions(const LoadContext& context, const yaml::Node& node) {
  constexpr std::array<std::string_view, 6> kTypes{"any", "number", "integer", "string", "boolean", "time"};
  constexpr std::array<std::string_view, 3> kUnknown{"keep", "omit", "refuse"};
  const auto choose = [&](const yaml::Node& value, const auto& words) -> Result<std::size_t> {
    const auto found = std::ranges::find(words, value.scalar);
    if (found == words.end())
      return yaml::FailAt(context.file, value, "mapping.bad", "'{}' is none of the known words", value.scalar);
    return static_cast<std::size_t>(found - words.begin());
  };
  for (const auto& [key, value] : node.members) {
    const std::string& word = key.scalar;
    if (word == "type") {
      BONGSU_TRY(const std::size_t index, choose(value, kTypes));
      type_ = static_cast<Type>(index);
    } else if (word == "scale" || word == "offset") {
      const json::Value number = yaml::ToJson(value);
      if (!number.IsNumber()) return yaml::FailAt(context.file, value, "mapping.bad", "a number is expected here");
      (word == "scale" ? scale_ : offset_) = number.AsDouble();
      if (type_ == Type::kAny) type_ = Type::kNumber;
    } else if (word == "table") {
      const auto found = context.tables.find(value.scalar);
      if (found == context.tables.end())
        return yaml::FailAt(context.file, value, "mapping.bad", "no table '{}' in this mapping", value.scalar);
      table_ = found->second;
    } else if (word == "unknown") {
      BONGSU_TRY(const std::size_t index, choose(value, kUnknown));
      unknown_ = static_cast<Unknown>(index);
    } else if (word == "default") {
      default_ = yaml::ToJson(value);
    } else if (word == "required") {
      required_ = value.scalar == "true";
    } else if (word == "lower") {
      lower_ = value.scalar == "true";
    } else if (word == "format") {
      format_ = value.scalar;
    } else if (word == "zone") {
      auto zone = Zone::Load(value.scalar);
      if (!zone) return yaml::FailAt(context.file, value, zone.error().reason, "{}", zone.error().message);
      zone_ = std::make_shared<const Zone>(*std::move(zone));
    }
  }
  return {};
}

Result<ValueSpec> ValueSpec::LoadCases(const LoadContext& context, const yaml::Node& node) {
  ValueSpec made;
  made.name_ = "cases";
  const auto outcome = [&](const yaml::Node& value) -> Result<std::shared_ptr<const ValueSpec>> {
    if (!value.IsMap()) return std::make_shared<const ValueSpec>(Constant(yaml::ToJson(value)));
    BONGSU_TRY(ValueSpec spec, Load(context, value));
    return std::make_shared<const ValueSpec>(std::move(spec));
  };
  const yaml::Node& list = *node.Find("cases");
  if (!list.IsSequence()) return yaml::FailAt(context.file, list, "mapping.bad", "`cases` is a list");
  for (const yaml::Node& item : list.items) {
    BONGSU_CHECK(CheckKeys(context.file, item, {BONGSU_CONDITION_KEYS, "then"}));
    const yaml::Node* const then = item.Find("then");
    if (then == nullptr) return yaml::FailAt(context.file, item, "mapping.bad", "a case wants `then`");
    Case one;
    BONGSU_TRY(one.conditions, Conditions::Load(context.file, item));
    BONGSU_TRY(one.then, outcome(*then));
    made.cases_.push_back(std::move(one));
  }
  if (const yaml::Node* const otherwise = node.Find("else")) {
    BONGSU_TRY(made.otherwise_, outcome(*otherwise));
  }
  return made;
}

Result<ValueSpec> ValueSpec::Load(const LoadContext& context, const yaml::Node& node,
                                  std::initializer_list<std::string_view> extra) {
  ValueSpec made;
  if (!node.IsMap()) {
    BONGSU_CHECK(made.LoadSource(context.file, node));
    return made;
  }
  constexpr std::array<std::string_view, 14> kKeys{"from",     "value",  "cases",  "else",    "type",
                                                   "scale",    "offset", "table",  "unknown", "default",
                                                   "required", "lower",  "format", "zone"};
  for (const auto& [key, value] : node.members) {
    const bool known =
        std::ranges::find(kKeys, key.scalar) != kKeys.end() || std::ranges::find(extra, key.scalar) != extra.end();
    if (!known)
      return yaml::FailAt(context.file, key, "mapping.unknown_key", "'{}' is not known in a value", key.scalar);
  }
  const bool from = node.Find("from") != nullptr;
  const bool value = node.Find("value") != nullptr;
  const bool cases = node.Find("cases") != nullptr;
  if (static_cast<int>(from) + static_cast<int>(value) + static_cast<int>(cases) != 1) {
    return yaml::FailAt(context.file, node, "mapping.bad", "a value wants exactly one of from, value, cases");
  }
  if (cases) {
    BONGSU_TRY(made, LoadCases(context, node));
  } else if (from) {
    BONGSU_CHECK(made.LoadSource(context.file, *node.Find("from")));
  } else {
    made.constant_ = yaml::ToJson(*node.Find("value"));
  }
  BONGSU_CHECK(made.LoadOptions(context, node));
  return made;
}

Result<ValueSpec> ValueSpec::LoadTime(const LoadContext& context, const yaml::Node& node) {
  BONGSU_TRY(ValueSpec made, Load(context, node));
  made.type_ = Type::kTime;
  return made;
}

std::optional<json::Value> ValueSpec::Raw(const Scope& scope) const {
  if (constant_) return constant_;
  if (reference_) return reference_->Get(scope);
  if (template_) {
    if (auto text = template_->Get(scope)) return json::Value{*std::move(text)};
  }
  return std::nullopt;
}

Result<TimePoint> ValueSpec::ReadTime(const json::Value& value, const Scope& scope) const {
  const auto bad = [&] {
    return Fail(Code::kInvalidArgument, "mapping.bad_time", "'{}' ({}) is no time of the form {}",
                json::ToPlainText(value), name_, format_);
  };
  if (format_ == "epoch_s" || format_ == "epoch_ms") {
    const auto number = ToNumber(value);
    if (!number || std::abs(*number) > 9e15) return bad();
    return FromMicros(static_cast<std::int64_t>(std::llround(*number * (format_ == "epoch_s" ? 1e6 : 1e3))));
  }
  const std::string text{Trim(json::ToPlainText(value))};
  const Zone* const zone = zone_ ? zone_.get() : scope.zone;
  const auto local = [&](Result<TimePoint> time) -> Result<TimePoint> {
    if (!time) return bad();
    return zone == nullptr ? *time : zone->ToUtc(*time);
  };
  if (format_ != "rfc3339") return local(ParseLocal(text, format_, std::chrono::minutes{0}));
  if (auto time = ParseTime(text)) return *time;
  return local(ParseTime(text + "Z"));  // no zone was written: the mapping's or the source's holds
}

Result<std::optional<json::Value>> ValueSpec::Shape(json::Value value, const Scope& scope) const {
  const auto bad = [&](std::string_view wanted) {
    return Fail(Code::kInvalidArgument, "mapping.bad_value", "{}: '{}' is no {}", name_,
                json::ToPlainText(value).substr(0, 80), wanted);
  };
  if (lower_ && value.IsString()) {
    std::string text{value.AsString()};
    std::ranges::transform(text, text.begin(),
                           [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    value = std::move(text);
  }
  if (table_) {
    const auto found = table_->find(json::ToPlainText(value));
    if (found != table_->end()) {
      value = found->second;
    } else if (unknown_ == Unknown::kRefuse) {
      return bad("code of the table");
    } else if (unknown_ == Unknown::kOmit) {
      return std::nullopt;
    }
  }
  switch (type_) {
    case Type::kAny:
      return value;
    case Type::kString:
      return json::Value{json::ToPlainText(value)};
    case Type::kBoolean: {
      const auto flag = ToBool(value);
      if (!flag) return bad("boolean");
      return json::Value{*flag};
    }
    case Type::kTime: {
      BONGSU_TRY(const TimePoint time, ReadTime(value, scope));
      return json::Value{FormatUtc(time)};
    }
    case Type::kNumber:
    case Type::kInteger:
      break;
  }
  const auto number = ToNumber(value);
  if (!number) return bad("number");
  const double scaled = *number * scale_ + offset_;
  if (type_ == Type::kNumber && value.IsInt() && scale_ == 1 && offset_ == 0) return value;
  if (type_ == Type::kNumber) return json::Value{scaled};
  if (scaled != std::floor(scaled) || std::abs(scaled) > 9e15) return bad("whole number");
  return json::Value{static_cast<std::int64_t>(scaled)};
}

Result<std::optional<json::Value>> ValueSpec::Chosen(const Scope& scope) const {
  for (const Case& one : cases_) {
    if (one.conditions.Hold(scope)) return one.then->Get(scope);
  }
  if (otherwise_) return otherwise_->Get(scope);
  return std::nullopt;
}

Result<std::optional<json::Value>> ValueSpec::Get(const Scope& scope) const {
  if (!cases_.empty()) return Chosen(scope);
  if (constant_) return constant_;  // also an empty text: it is meant
  std::optional<json::Value> value = Raw(scope);
  if (!value || IsBlank(*value)) {
    if (default_) return default_;
    if (required_) return Fail(Code::kInvalidArgument, "mapping.missing", "{} is missing", name_);
    return std::nullopt;
  }
  return Shape(*std::move(value), scope);
}

Result<std::optional<std::string>> ValueSpec::GetText(const Scope& scope) const {
  BONGSU_TRY(const std::optional<json::Value> value, Get(scope));
  if (!value) return std::nullopt;
  return json::ToPlainText(*value);
}

Result<std::optional<TimePoint>> ValueSpec::GetTime(const Scope& scope) const {
  std::optional<json::Value> value = Raw(scope);
  if (!cases_.empty()) {
    BONGSU_TRY(value, Chosen(scope));
  }
  if (!value || IsBlank(*value)) {
    if (required_) return Fail(Code::kInvalidArgument, "mapping.missing", "{} is missing", name_);
    return std::nullopt;
  }
  BONGSU_TRY(const TimePoint time, ReadTime(*value, scope));
  return time;
}

}  // namespace bongsu::ingest
