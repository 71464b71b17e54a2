// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/event_view.hpp"

#include <algorithm>
#include <charconv>

#include "base/json.hpp"
#include "decide/rules/predicate.hpp"
#include "decide/rules/text_pattern.hpp"

namespace bongsu::rules {

FieldId FieldNames::Intern(std::string_view name) {
  const auto found = ids_.find(name);
  if (found != ids_.end()) return found->second;
  const auto id = static_cast<FieldId>(names_.size());
  names_.emplace_back(name);
  ids_.emplace(names_.back(), id);
  return id;
}

FieldId FieldNames::Find(std::string_view name) const {
  if (name.find(' ') != std::string_view::npos) {
    const auto found = ids_.find(FieldName(name));
    return found == ids_.end() ? kNoField : found->second;
  }
  const auto found = ids_.find(name);
  return found == ids_.end() ? kNoField : found->second;
}

void EventView::Reset(std::size_t fields) {
  if (first_.size() < fields) first_.resize(fields);
  if (++epoch_ == 0) {
    std::ranges::fill(first_, Slot{});
    epoch_ = 1;
  }
  values_.clear();
  is_folded_.clear();
  kept_used_ = 0;
}

std::string_view EventView::Keep(std::string text) {
  if (kept_used_ == kept_.size()) kept_.emplace_back();
  kept_[kept_used_] = std::move(text);
  return kept_[kept_used_++];
}

void EventView::AddInt(FieldId field, std::int64_t number) {
  if (kept_used_ == kept_.size()) kept_.emplace_back();
  std::string& text = kept_[kept_used_++];
  text.resize(20);
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
  text.resize(static_cast<std::size_t>(end - text.data()));
  Add({field, FieldValue::Type::kNumber, text, static_cast<double>(number), 0});
}

void EventView::AddDouble(FieldId field, double number) {
  std::string text;
  json::AppendNumber(text, number);
  Add({field, FieldValue::Type::kNumber, Keep(std::move(text)), number, 0});
}

void EventView::Add(FieldValue value) {
  const auto at = static_cast<std::uint32_t>(values_.size()) + 1;
  values_.push_back(value);
  is_folded_.push_back(0);
  if (value.field == kNoField) return;
  Slot& slot = first_[value.field];
  if (slot.epoch != epoch_) {
    slot = {epoch_, at, at};
    return;
  }
  values_[slot.last - 1].next = at;
  slot.last = at;
}

std::string_view EventView::Folded(std::uint32_t index) {
  if (folded_.size() < values_.size()) folded_.resize(values_.size());
  if (is_folded_[index] == 0) {
    FoldInto(values_[index].text, folded_[index]);
    is_folded_[index] = 1;
  }
  return folded_[index];
}

}  // namespace bongsu::rules
