// SPDX-License-Identifier: Apache-2.0
#include "know/history/change.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "know/history/number.hpp"

namespace bongsu::history {
namespace {

constexpr std::string_view kUrn = "urn:ngsi-ld:Instance:";

/// Digits of the fraction, when the text is what FormatObserved would write again.
std::uint8_t DigitsOf(std::string_view text) {
  const auto point = text.find('.');
  if (!text.ends_with('Z')) return kNotObserved;
  if (point == std::string_view::npos) return 0;
  const std::size_t digits = text.size() - point - 2;
  return digits >= 1 && digits <= 6 ? static_cast<std::uint8_t>(digits) : kNotObserved;
}

json::Array Strings(const std::vector<std::string>& texts) {
  json::Array all;
  for (const auto& text : texts) all.emplace_back(text);
  return all;
}

}  // namespace

Sample MakeSample(const Change& change) { return MakeSample(change.id, change.at, change.json, change.deleted); }

Sample MakeSample(const InstanceId& id, TimePoint modified, std::string_view json, bool deleted) {
  Sample sample;
  sample.id = id;
  sample.modified = modified;
  if (deleted) {
    sample.value_class = ValueClass::kDeleted;
    sample.shell = std::make_shared<const std::string>(json);
    return sample;
  }
  const auto parsed = json::Parse(json);
  json::Value instance = parsed ? *parsed : json::Value{json::Object{}};
  const auto kind = context::KindFromName(instance["type"].AsString()).value_or(context::AttributeKind::kProperty);
  const std::string_view member = context::ValueMember(kind);
  sample.text = json::ToString(instance[member]);
  instance.Erase(member);
  const std::string observed{instance["observedAt"].AsString()};
  if (const auto time = ParseTime(observed)) {
    const std::uint8_t digits = DigitsOf(observed);
    sample.observed = *time;
    sample.observed_digits = digits == kNotObserved ? std::uint8_t{6} : digits;
    if (digits != kNotObserved) instance.Erase("observedAt");  // else its text stays as it is
  }
  if (const auto number = NumberIn(sample.text)) {
    sample.value_class = ValueClass::kNumber;
    sample.number = *number;
  }
  sample.shell = std::make_shared<const std::string>(json::ToString(instance));
  return sample;
}

void AppendObserved(std::string& out, TimePoint time, std::uint8_t digits) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto put = [&out](std::int64_t number, int places) {
    std::array<char, 8> text{};
    for (int i = places - 1; i >= 0; --i, number /= 10)
      text.at(static_cast<std::size_t>(i)) = static_cast<char>('0' + number % 10);
    out.append(text.data(), static_cast<std::size_t>(places));
  };
  put(int{date.year()}, 4);  // observedAt has four digits of year
  out += '-';
  put(unsigned{date.month()}, 2);
  out += '-';
  put(unsigned{date.day()}, 2);
  out += 'T';
  std::int64_t rest = (time - day).count();
  const std::int64_t micros = rest % 1'000'000;
  rest /= 1'000'000;
  put(rest / 3600, 2);
  out += ':';
  put(rest / 60 % 60, 2);
  out += ':';
  put(rest % 60, 2);
  if (digits > 0) {
    out += '.';
    put(micros, 6);
    out.resize(out.size() - 6 + std::min<std::size_t>(digits, 6));
  }
  out += 'Z';
}

std::string FormatObserved(TimePoint time, std::uint8_t digits) {
  std::string text;
  AppendObserved(text, time, digits);
  return text;
}

std::string InstanceUrn(std::uint16_t partition, const InstanceId& id) {
  return fmt::format("{}{}:{}:{}", kUrn, partition, ToMicros(id.recorded), id.ordinal);
}

std::optional<InstanceId> InstanceFromUrn(std::string_view urn) {
  if (!urn.starts_with(kUrn)) return std::nullopt;
  urn.remove_prefix(kUrn.size());
  InstanceId id;
  std::uint16_t partition = 0;
  std::int64_t micros = 0;
  const auto read = [&](auto& number, bool last) {
    const auto [rest, error] = std::from_chars(urn.data(), urn.data() + urn.size(), number);
    urn.remove_prefix(static_cast<std::size_t>(rest - urn.data()));
    if (error != std::errc{} || (last ? !urn.empty() : !urn.starts_with(':'))) return false;
    urn.remove_prefix(last ? 0 : 1);
    return true;
  };
  if (!read(partition, false) || !read(micros, false) || !read(id.ordinal, true)) return std::nullopt;
  id.recorded = FromMicros(micros);
  return id;
}

std::string Encode(const Evolution& evolution) {
  json::Writer out;
  out.Object().Key("type").Put(json::Value{Strings(evolution.types)});
  out.Key("created").Int(ToMicros(evolution.created));
  if (evolution.deleted != TimePoint{}) out.Key("deleted").Int(ToMicros(evolution.deleted));
  if (evolution.cleared) out.Key("cleared").Bool(true);
  out.End();
  return out.Take();
}

Result<Evolution> DecodeEvolution(std::string_view bytes) {
  const auto parsed = json::Parse(bytes);
  if (!parsed || !parsed->IsObject())
    return Fail(Code::kCorrupt, "history.bad_evolution", "the head of a history does not decode");
  Evolution evolution;
  for (const auto& type : (*parsed)["type"].AsArray()) evolution.types.emplace_back(type.AsString());
  evolution.created = FromMicros((*parsed)["created"].AsInt());
  evolution.deleted = FromMicros((*parsed)["deleted"].AsInt());
  evolution.cleared = (*parsed)["cleared"].AsBool();
  return evolution;
}

}  // namespace bongsu::history
