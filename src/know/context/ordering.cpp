// SPDX-License-Identifier: Apache-2.0
#include "know/context/ordering.hpp"

#include <unicode/ucol.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "know/context/selection.hpp"

namespace bongsu::context {
namespace {

using Kind = SortValue::Kind;

constexpr std::array<std::string_view, 5> kMembers{"observedAt", "createdAt", "modifiedAt", "unitCode", "datasetId"};

struct Term {
  std::vector<std::string> path;    // IRIs of attribute and sub-attributes; members of an attribute by short name
  std::vector<std::string> inside;  // members of the compound value, or a language
  bool descending = false;
  bool distance = false;
};

auto Bad(std::string_view why, std::string_view term) {
  return Fail(Code::kInvalidArgument, "ngsi.BadRequestData", "orderBy: {} in '{}'", why, term.substr(0, 80));
}

std::vector<std::string> Split(std::string_view text, char by) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find(by);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

Result<Term> ReadTerm(std::string_view text, const Expand& expand) {
  Term term;
  std::string_view path = text;
  if (const auto semicolon = text.rfind(';'); semicolon != std::string_view::npos) {
    const auto direction = text.substr(semicolon + 1);
    path = text.substr(0, semicolon);
    term.descending = direction == "desc" || direction == "dist-desc";
    term.distance = direction.starts_with("dist-");
    if (!term.descending && direction != "asc" && direction != "dist-asc")
      return Bad("a direction is asc, desc, dist-asc or dist-desc", text);
  }
  if (const auto bracket = path.find('['); bracket != std::string_view::npos) {
    if (!path.ends_with(']')) return Bad("a bracket is not closed", text);
    term.inside = Split(path.substr(bracket + 1, path.size() - bracket - 2), '.');
    path = path.substr(0, bracket);
  }
  const bool plain = path.find(':') == std::string_view::npos;  // a full IRI has dots of its own
  for (const std::string& name : plain ? Split(path, '.') : std::vector<std::string>{std::string(path)}) {
    if (name.empty()) return Bad("a name is missing", text);
    const bool core = name == "id" || name == "type" || std::ranges::find(kMembers, name) != kMembers.end();
    term.path.push_back(core ? name : expand(name));
  }
  if (std::ranges::any_of(term.inside, [](const std::string& name) { return name.empty(); }))
    return Bad("a member is missing", text);
  if (term.distance && (term.path.size() != 1 || !term.inside.empty()))
    return Bad("a distance is of an attribute", text);
  return term;
}

SortValue OfTime(TimePoint time) {
  return {Kind::kDateTime, static_cast<double>(time.time_since_epoch().count()), FormatUtc(time)};
}

SortValue OfTyped(const json::Value& value) {
  const std::string text{value["@value"].AsString()};
  const std::string_view type = value["@type"].AsString();
  if (type == "DateTime") {
    const auto time = ParseTime(text);
    return time ? OfTime(*time) : SortValue{Kind::kDateTime, 0, text};
  }
  if (type == "Date") return {Kind::kDate, 0, text};
  if (type == "Time") return {Kind::kTime, 0, text};
  return {Kind::kObject, 0, json::ToString(value)};
}

SortValue OfJson(const json::Value& value) {
  if (value.IsNumber()) return {Kind::kNumber, value.AsDouble(), {}};
  if (value.IsString()) return {Kind::kString, 0, std::string(value.AsString())};
  if (value.IsBool()) return {Kind::kBool, value.AsBool() ? 1.0 : 0.0, {}};
  if (value.IsArray()) return {Kind::kArray, 0, json::ToString(value)};
  if (value.IsObject())
    return value.Find("@value") != nullptr ? OfTyped(value) : SortValue{Kind::kObject, 0, json::ToString(value)};
  return {Kind::kNull, 0, {}};
}

/// The value of an attribute or sub-attribute, or what `inside` names of it.
SortValue OfInstance(const json::Value& instance, std::span<const std::string> inside) {
  const auto kind = KindFromName(instance["type"].AsString()).value_or(AttributeKind::kProperty);
  const json::Value* value = instance.Find(ValueMember(kind));
  for (const std::string& member : inside) {
    if (value != nullptr) value = value->Find(member);
  }
  return value != nullptr ? OfJson(*value) : SortValue{};
}

SortValue OfPath(const Attribute& attribute, const Term& term) {
  const auto parsed = json::Parse(attribute.json);
  if (!parsed) return {};
  const json::Value* instance = &*parsed;
  for (const std::string& name : std::span(term.path).subspan(1)) {
    if (name == "createdAt") return OfTime(attribute.created);
    if (name == "modifiedAt") return OfTime(attribute.modified);
    const json::Value* next = instance->Find(name);
    if (next == nullptr) return {};
    if (std::ranges::find(kMembers, name) != kMembers.end()) {
      if (name != "observedAt") return OfJson(*next);
      const auto time = ParseTime(next->AsString());
      return time ? OfTime(*time) : OfJson(*next);
    }
    instance = next->IsArray() && !next->AsArray().empty() ? next->AsArray().data() : next;
  }
  return OfInstance(*instance, term.inside);
}

SortValue OfEntity(const Entity& entity, const Term& term) {
  const std::string& name = term.path.front();
  if (name == "id") return {Kind::kString, 0, entity.id};
  if (name == "type") return entity.types.empty() ? SortValue{} : SortValue{Kind::kString, 0, *entity.types.front()};
  if (name == "createdAt") return OfTime(entity.created);
  if (name == "modifiedAt") return OfTime(entity.modified);
  const Attribute* attribute = entity.Find(name);
  return attribute != nullptr ? OfPath(*attribute, term) : SortValue{};
}

SortValue OfDistance(const Entity& entity, const Term& term, const Geometry& from) {
  SortValue nearest;
  for (const Geometry& geometry : GeometriesOf(entity, term.path.front())) {
    const double metres = geometry.DistanceTo(from);
    if (nearest.kind == Kind::kAbsent || metres < nearest.number) nearest = {Kind::kNumber, metres, {}};
  }
  return nearest;
}

struct CloseCollator {
  void operator()(UCollator* collator) const { ucol_close(collator); }
};
using Collator = std::unique_ptr<UCollator, CloseCollator>;

/// @errors kInvalidArgument ngsi.BadRequestData
Result<Collator> OpenCollator(const std::string& tag) {
  UErrorCode status = U_ZERO_ERROR;
  std::array<char, 160> locale{};
  std::int32_t parsed = 0;
  uloc_forLanguageTag(tag.c_str(), locale.data(), static_cast<std::int32_t>(locale.size()), &parsed, &status);
  if (U_FAILURE(status) || parsed != static_cast<std::int32_t>(tag.size()))
    return Fail(Code::kInvalidArgument, "ngsi.BadRequestData", "collation: '{}' is no language tag", tag.substr(0, 80));
  Collator collator{ucol_open(locale.data(), &status)};
  if (U_FAILURE(status))
    return Fail(Code::kInvalidArgument, "ngsi.BadRequestData", "collation: '{}' is not known", tag.substr(0, 80));
  return collator;
}

std::string SortKey(const UCollator& collator, std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  std::u16string wide(text.size() + 1, u'\0');
  std::int32_t length = 0;
  u_strFromUTF8WithSub(wide.data(), static_cast<std::int32_t>(wide.size()), &length, text.data(),
                       static_cast<std::int32_t>(text.size()), 0xFFFD, nullptr, &status);
  std::string key(static_cast<std::size_t>(length) * 4 + 16, '\0');
  const auto fill = [&] {
    return ucol_getSortKey(&collator, wide.data(), length, reinterpret_cast<std::uint8_t*>(key.data()),
                           static_cast<std::int32_t>(key.size()));
  };
  const auto needed = static_cast<std::size_t>(fill());
  if (needed > key.size()) {
    key.resize(needed);
    fill();
  }
  key.resize(needed);
  return key;
}

}  // namespace

struct Ordering::State {
  std::vector<Term> terms;
  std::optional<Geometry> from;
  Collator collator;  // null: by code units; safe to share, only read
};

Ordering::Ordering(std::unique_ptr<const State> state) : state_{std::move(state)} {}
Ordering::~Ordering() = default;
Ordering::Ordering(Ordering&&) noexcept = default;
Ordering& Ordering::operator=(Ordering&&) noexcept = default;

Result<Ordering> Ordering::Make(Request request, const Expand& expand) {
  auto state = std::make_unique<State>();
  for (const std::string& text : request.terms) {
    BONGSU_TRY(Term term, ReadTerm(text, expand));
    if (term.distance && !request.from)
      return Fail(Code::kInvalidArgument, "ngsi.BadRequestData", "orderBy: a distance needs orderFrom");
    state->terms.push_back(std::move(term));
  }
  if (!request.collation.empty()) {
    BONGSU_TRY(state->collator, OpenCollator(request.collation));
  }
  state->from = std::move(request.from);
  return Ordering{std::move(state)};
}

Ordering::Keys Ordering::KeysOf(const Entity& entity) const {
  Keys keys;
  const auto& from = state_->from;  // Make has checked that an order by distance has one
  for (const Term& term : state_->terms) {
    SortValue value = term.distance && from ? OfDistance(entity, term, *from) : OfEntity(entity, term);
    if (state_->collator && value.kind == Kind::kString) value.text = SortKey(*state_->collator, value.text);
    keys.push_back(std::move(value));
  }
  return keys;
}

bool Ordering::Before(std::span<const SortValue> a, std::string_view a_id, std::span<const SortValue> b,
                      std::string_view b_id) const {
  for (std::size_t i = 0; i < state_->terms.size(); ++i) {
    if (a[i] == b[i]) continue;
    const bool a_absent = a[i].kind == Kind::kAbsent;
    if (a_absent || b[i].kind == Kind::kAbsent) return !a_absent;
    const bool less = std::tie(a[i].kind, a[i].number, a[i].text) < std::tie(b[i].kind, b[i].number, b[i].text);
    return less != state_->terms[i].descending;
  }
  return a_id < b_id;
}

}  // namespace bongsu::context
