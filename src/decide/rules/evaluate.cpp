// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <optional>

#include "decide/rules/predicate_index.hpp"

namespace bongsu::rules {
namespace {

using Op = Predicate::Op;
using Shape = TextPattern::Shape;
using Type = FieldValue::Type;

std::optional<double> NumberOf(const FieldValue& value) {
  if (value.type == Type::kNumber) return value.number;
  if (value.type != Type::kText || value.text.empty()) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
  if (error != std::errc{} || end != value.text.data() + value.text.size()) return std::nullopt;
  return number;
}

bool FitsText(const Predicate& test, std::string_view text) {
  const auto& pieces = test.pattern.pieces;
  switch (test.pattern.shape()) {
    case Shape::kExact:
      return text == (pieces.empty() ? std::string_view{} : std::string_view{pieces[0].literal});
    case Shape::kPrefix:
      return text.starts_with(pieces[0].literal);
    case Shape::kSuffix:
      return text.ends_with(pieces[1].literal);
    case Shape::kContains:
      return text.find(pieces[1].literal) != std::string_view::npos;
    case Shape::kAnything:
      return true;
    case Shape::kGlob:
      return test.pattern.Fits(text);
  }
  return false;
}

bool Ordered(Op op, double left, double right) {
  switch (op) {
    case Op::kLess:
      return left < right;
    case Op::kLessEq:
      return left <= right;
    case Op::kGreater:
      return left > right;
    default:
      return left >= right;
  }
}

/// `around` is the pattern of a literal that stands for `other`.
bool Same(const TextPattern& around, std::string_view text, std::string_view other) {
  switch (around.shape()) {
    case Shape::kPrefix:
      return text.starts_with(other);
    case Shape::kSuffix:
      return text.ends_with(other);
    case Shape::kContains:
      return text.find(other) != std::string_view::npos;
    default:
      return text == other;
  }
}

std::uint32_t FirstOf(FieldId field, EventView& view, LazyFields& lazy) {
  if (field == kNoField) return 0;
  std::uint32_t at = view.First(field);
  if (at == 0 && lazy.IsLazy(field)) {
    lazy.Load(field, view);
    at = view.First(field);
  }
  return at;
}

bool HoldsFor(const Predicate& test, std::uint32_t index, FieldId other, EventView& view, LazyFields& lazy) {
  const FieldValue value = view.At(index);
  if (value.type == Type::kNull) return false;
  switch (test.op) {
    case Op::kText:
      return FitsText(test, test.cased ? value.text : view.Folded(index));
    case Op::kRegex:
      return test.regex->Finds(value.text);
    case Op::kCidr:
      return test.net.Contains(value.text);
    case Op::kExists:
      return true;
    case Op::kSame: {
      for (std::uint32_t at = FirstOf(other, view, lazy); at != 0; at = view.At(at - 1).next) {
        const std::string_view theirs = test.cased ? view.At(at - 1).text : view.Folded(at - 1);
        if (Same(test.pattern, test.cased ? value.text : view.Folded(index), theirs)) return true;
      }
      return false;
    }
    case Op::kMissing:
    case Op::kNull:
      return false;
    default:
      break;
  }
  const auto left = NumberOf(value);
  if (!left) return false;
  if (test.other.empty()) return Ordered(test.op, *left, test.number);
  const std::uint32_t at = FirstOf(other, view, lazy);
  const auto right = at == 0 ? std::nullopt : NumberOf(view.At(at - 1));
  return right && Ordered(test.op, *left, *right);
}

bool IsThere(std::uint32_t first, const EventView& view) {
  for (std::uint32_t at = first; at != 0; at = view.At(at - 1).next) {
    if (view.At(at - 1).type != Type::kNull) return true;
  }
  return false;
}

}  // namespace

bool Holds(const Predicate& test, FieldId field, FieldId other, EventView& view, LazyFields& lazy) {
  if (test.field.empty()) {  // a keyword
    for (std::uint32_t index = 0; index < view.size(); ++index) {
      if (HoldsFor(test, index, other, view, lazy)) return true;
    }
    return false;
  }
  const std::uint32_t first = FirstOf(field, view, lazy);
  if (test.op == Op::kNull || test.op == Op::kMissing) return !IsThere(first, view);
  for (std::uint32_t at = first; at != 0; at = view.At(at - 1).next) {
    if (HoldsFor(test, at - 1, other, view, lazy)) return true;
  }
  return false;
}

}  // namespace bongsu::rules
