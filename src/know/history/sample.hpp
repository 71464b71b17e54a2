// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One instance of an attribute in time: a value, when it was observed and when it was told, and what hangs on it.

#include <compare>
#include <cstdint>
#include <memory>
#include <string>

#include "base/time.hpp"

namespace bongsu::history {

enum class ValueClass : std::uint8_t {
  kNumber,   ///< `text` is a JSON number.
  kJson,     ///< `text` is any other JSON.
  kDeleted,  ///< The attribute went at `recorded`; there is no value.
};

/// The name of an instance inside its entity, whatever happens to it later.
struct InstanceId {
  TimePoint recorded{};       ///< Rises strictly in a partition, so it names the record.
  std::uint32_t ordinal = 0;  ///< Of the instances of that record.
  friend constexpr auto operator<=>(const InstanceId&, const InstanceId&) = default;
};

inline constexpr std::uint8_t kNotObserved = 7;

struct Sample {
  InstanceId id;
  TimePoint modified{};                         ///< When the instance was edited last; `id.recorded` when never.
  TimePoint observed{};                         ///< observedAt; only unless `observed_digits` is kNotObserved.
  std::uint8_t observed_digits = kNotObserved;  ///< Digits of the fraction of a second as written, 0 to 6.
  ValueClass value_class = ValueClass::kJson;
  double number = 0;                         ///< Only of kNumber.
  std::string text;                          ///< The value as JSON, as it was written; empty when deleted.
  std::shared_ptr<const std::string> shell;  ///< The instance's other members as a JSON object; shared by many.

  bool has_observed() const { return observed_digits != kNotObserved; }
  /// Where the sample stands in its series.
  TimePoint at() const { return has_observed() ? observed : id.recorded; }
  friend bool operator==(const Sample& a, const Sample& b) {
    return a.id == b.id && a.modified == b.modified && a.observed_digits == b.observed_digits && a.at() == b.at() &&
           a.value_class == b.value_class && a.text == b.text && *a.shell == *b.shell;
  }
};

/// Order inside of a series.
inline bool Before(const Sample& a, const Sample& b) { return a.at() != b.at() ? a.at() < b.at() : a.id < b.id; }

}  // namespace bongsu::history
