// SPDX-License-Identifier: Apache-2.0
#pragma once

/// An event as the detector reads it: the fields that any rule names, by number, as text and as number.
/// Reused from event to event; nothing is allocated once it has grown.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bongsu::rules {

using FieldId = std::uint32_t;
inline constexpr FieldId kNoField = 0xFFFFFFFFU;

/// Numbers of the field names that rules use.
class FieldNames {
 public:
  FieldId Intern(std::string_view name);
  /// Takes blanks out of `name`; kNoField when no rule uses it.
  FieldId Find(std::string_view name) const;
  std::size_t size() const { return names_.size(); }
  const std::string& name(FieldId id) const { return names_[id]; }

 private:
  std::deque<std::string> names_;
  std::unordered_map<std::string_view, FieldId> ids_;
};

struct FieldValue {
  enum class Type : std::uint8_t { kText, kNumber, kBool, kNull };
  FieldId field = kNoField;
  Type type = Type::kText;
  std::string_view text;   ///< A number and a bool as they would be written.
  double number = 0;       ///< kNumber
  std::uint32_t next = 0;  ///< Next value of the same field, plus one; 0: none.
};

class EventView {
 public:
  void Reset(std::size_t fields);
  /// `text` must outlive the view's use.
  void AddText(FieldId field, std::string_view text) { Add({field, FieldValue::Type::kText, text, 0, 0}); }
  void AddInt(FieldId field, std::int64_t number);
  void AddDouble(FieldId field, double number);
  void AddBool(FieldId field, bool value) { Add({field, FieldValue::Type::kBool, value ? "true" : "false", 0, 0}); }
  void AddNull(FieldId field) { Add({field, FieldValue::Type::kNull, {}, 0, 0}); }
  /// Keeps a copy of `text` until Reset.
  std::string_view Keep(std::string text);

  /// First value of `field`, plus one; 0: none.
  std::uint32_t First(FieldId field) const { return first_[field].epoch == epoch_ ? first_[field].at : 0; }
  const FieldValue& At(std::uint32_t index) const { return values_[index]; }
  std::size_t size() const { return values_.size(); }
  /// Text of a value in lower case; made once.
  std::string_view Folded(std::uint32_t index);

 private:
  struct Slot {
    std::uint32_t epoch = 0;
    std::uint32_t at = 0;
    std::uint32_t last = 0;
  };
  void Add(FieldValue value);

  std::uint32_t epoch_ = 0;
  std::vector<Slot> first_;
  std::vector<FieldValue> values_;
  std::deque<std::string> folded_;
  std::vector<std::uint8_t> is_folded_;
  std::deque<std::string> kept_;
  std::size_t kept_used_ = 0;
};

}  // namespace bongsu::rules
