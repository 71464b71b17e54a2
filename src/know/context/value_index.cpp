// SPDX-License-Identifier: Apache-2.0
#include "know/context/value_index.hpp"

#include <bit>
#include <limits>

#include "base/id.hpp"
#include "guard/sealing/token.hpp"

namespace bongsu::context {
namespace {

using Keys = ValueIndex::Keys;
using Literal = ValueQuery::Literal;
using LiteralType = ValueQuery::LiteralType;
using Operator = ValueQuery::Operator;
using Order = ValueIndex::Order;
using Term = ValueQuery::Term;

constexpr std::size_t kMaxKeys = 64;  ///< Of one attribute of an entity; beyond it every question finds the entity.
constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kSign = 1ULL << 63U;
constexpr int kMaxNesting = 4;
constexpr std::uint64_t kIncomparable = 0;  // keys of Order::kOther
constexpr std::uint64_t kTooMany = 1;

/// Orders as the numbers do.
std::uint64_t KeyOf(double number) {
  const auto bits = std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

std::uint64_t KeyOf(TimePoint time) { return static_cast<std::uint64_t>(ToMicros(time)) ^ kSign; }

std::uint64_t KeyOf(bool truth) { return Hash64Parts({"bool", truth ? "true" : "false"}); }
std::uint64_t KeyOf(std::string_view text) { return Hash64(text); }

void AddText(Keys& keys, std::string_view text) {
  // What is sealed is asked for by how its token begins.
  if (const auto start = sealing::TokenStartOf(text)) keys.emplace_back(Order::kText, KeyOf(*start));
  keys.emplace_back(Order::kText, KeyOf(text));
  if (text.empty() || text.front() < '0' || text.front() > '9') return;
  if (const auto time = ParseTime(text)) keys.emplace_back(Order::kTime, KeyOf(*time));
}

/// Everything that value_query.cpp compares a literal with.
void AddValue(Keys& keys, const json::Value& value, int nesting) {
  if (value.IsNumber()) {
    keys.emplace_back(Order::kNumber, KeyOf(value.AsDouble()));
  } else if (value.IsBool()) {
    keys.emplace_back(Order::kText, KeyOf(value.AsBool()));
  } else if (value.IsString()) {
    AddText(keys, value.AsString());
  } else if (nesting == kMaxNesting) {
    keys.emplace_back(Order::kOther, kTooMany);
  } else if (value.IsArray()) {
    for (const json::Value& item : value.AsArray()) {
      AddValue(keys, item, nesting + 1);
      if (keys.size() > kMaxKeys) return;
    }
  } else if (value.IsObject()) {
    for (const auto* member : {"@value", "object"}) {
      if (const json::Value* inner = value.Find(member)) AddValue(keys, *inner, nesting + 1);
    }
  }
}

void AddInstance(Keys& keys, const Attribute& attribute) {
  const auto instance = json::Parse(attribute.json);
  if (!instance) return;
  const json::Value& value = (*instance)[ValueMember(attribute.kind)];
  if (attribute.kind != AttributeKind::kLanguageProperty) return AddValue(keys, value, 0);
  for (const auto& [language, text] : value.AsObject()) {
    AddValue(keys, text, 0);
    if (keys.size() > kMaxKeys) return;
  }
}

bool IsText(LiteralType type) {
  return type == LiteralType::kString || type == LiteralType::kUri || type == LiteralType::kDateOrTime;
}

std::uint64_t OrderedKey(const Literal& literal) {
  return literal.type == LiteralType::kNumber ? KeyOf(literal.number) : KeyOf(literal.time);
}

}  // namespace

Keys ValueIndex::KeysOf(const Entity& entity, Name attribute) {
  Keys keys;
  bool there = false;
  for (const Attribute& instance : entity.attributes) {
    if (instance.name != attribute) continue;
    there = true;
    if (keys.size() <= kMaxKeys) AddInstance(keys, instance);
  }
  if (keys.size() > kMaxKeys) return {{Order::kOther, kTooMany}};
  if (there && keys.empty()) return {{Order::kOther, kIncomparable}};
  std::ranges::sort(keys);
  const auto repeats = std::ranges::unique(keys);
  keys.erase(repeats.begin(), repeats.end());
  return keys;
}

bool ValueIndex::Serves(const Term& term) {
  if (term.path.size() != 1 || !term.inside.empty() || term.link) return false;
  const auto ordered = [](const Literal& literal) {
    return literal.type == LiteralType::kNumber || literal.type == LiteralType::kDateTime;
  };
  switch (term.op) {
    case Operator::kExists:
    case Operator::kLike:
      return true;
    case Operator::kEqual:
      return !term.range || std::ranges::all_of(term.values, ordered);
    case Operator::kGreater:
    case Operator::kGreaterEqual:
    case Operator::kLess:
    case Operator::kLessEqual:
      return std::ranges::all_of(term.values, ordered);
    default:
      return false;  // what does not hold is no range
  }
}

KeyedSet& ValueIndex::SetOf(Order order) {
  switch (order) {
    case Order::kNumber:
      return numbers_;
    case Order::kTime:
      return times_;
    case Order::kText:
      return texts_;
    case Order::kOther:
      break;
  }
  return other_;
}

void ValueIndex::Add(const Entity& entity, const Keys& keys) {
  for (const auto& [order, key] : keys) SetOf(order).emplace(key, &entity);
}

void ValueIndex::Remove(const Entity& entity, const Keys& keys) {
  for (const auto& [order, key] : keys) SetOf(order).erase({key, &entity});
}

bool ValueIndex::WalkEqual(const Literal& literal, const Visit& visit) const {
  if (!literal.sealed.empty() &&
      !WalkKeys(texts_, KeyOf(std::string_view{literal.sealed}), KeyOf(std::string_view{literal.sealed}), visit))
    return false;
  if (literal.type == LiteralType::kNumber)
    return WalkKeys(numbers_, KeyOf(literal.number), KeyOf(literal.number), visit);
  if (literal.type == LiteralType::kDateTime) return WalkKeys(times_, KeyOf(literal.time), KeyOf(literal.time), visit);
  const std::uint64_t key = IsText(literal.type) ? KeyOf(std::string_view{literal.text}) : KeyOf(literal.truth);
  return WalkKeys(texts_, key, key, visit);
}

bool ValueIndex::WalkRange(const Term& term, const Visit& visit) const {
  const Literal& begin = term.values.front();
  const KeyedSet& set = begin.type == LiteralType::kNumber ? numbers_ : times_;
  const std::uint64_t key = OrderedKey(begin);
  if (term.range) return WalkKeys(set, key, OrderedKey(term.values[1]), visit);
  const bool upwards = term.op == Operator::kGreater || term.op == Operator::kGreaterEqual;
  return WalkKeys(set, upwards ? key : 0, upwards ? kLast : key, visit);
}

bool ValueIndex::Walk(const Term& term, const Visit& visit) const {
  if (term.op == Operator::kExists || term.op == Operator::kLike) {
    for (const KeyedSet* set : {&numbers_, &times_, &texts_}) {
      if (!WalkKeys(*set, 0, kLast, visit)) return false;
    }
    return WalkKeys(other_, 0, kLast, visit);
  }
  if (!WalkKeys(other_, kTooMany, kTooMany, visit)) return false;
  if (term.range || term.op != Operator::kEqual) return WalkRange(term, visit);
  return std::ranges::all_of(term.values, [&](const Literal& literal) { return WalkEqual(literal, visit); });
}

std::size_t ValueIndex::entries() const { return numbers_.size() + times_.size() + texts_.size() + other_.size(); }

std::uint64_t TargetKey(std::string_view attribute_iri, std::string_view target) {
  return Hash64Parts({attribute_iri, target});
}

std::vector<std::uint64_t> TargetKeysOf(const Entity& entity) {
  std::vector<std::uint64_t> keys;
  for (const Attribute& attribute : entity.attributes) {
    if (attribute.kind != AttributeKind::kRelationship && attribute.kind != AttributeKind::kListRelationship) continue;
    const auto instance = json::Parse(attribute.json);
    if (!instance) continue;
    const auto add = [&](const json::Value& target) {
      const json::Value& id = target.IsObject() ? target["object"] : target;
      if (id.IsString()) keys.push_back(TargetKey(*attribute.name, id.AsString()));
    };
    const json::Value& value = (*instance)[ValueMember(attribute.kind)];
    if (!value.IsArray()) add(value);
    for (const json::Value& target : value.AsArray()) add(target);
  }
  std::ranges::sort(keys);
  const auto repeats = std::ranges::unique(keys);
  keys.erase(repeats.begin(), repeats.end());
  return keys;
}

}  // namespace bongsu::context
