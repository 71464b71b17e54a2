// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a person asks of the desk. serve/ makes it from a request; the book that keeps the subject carries it out.

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace bongsu::model {

/// A user as a record keeps them: the id, and the name as it was shown on that day.
struct Person {
  std::string id;
  std::string name;
  friend bool operator==(const Person&, const Person&) = default;
};

json::Value ToJson(const Person& person);
json::Value ToJson(const std::optional<Person>& person);  ///< null for nobody
std::optional<Person> PersonFromJson(const json::Value& value);

/// How an alarm and its incident end; the choice tunes the rules.
inline constexpr std::array<std::string_view, 6> kDispositions{"real",     "drill",     "false_sensor",
                                                               "false_ai", "duplicate", "information"};
inline bool IsDisposition(std::string_view word) {
  return std::ranges::find(kDispositions, word) != kDispositions.end();
}

struct DeskAct {
  std::string verb;     ///< "acknowledge"
  std::string subject;  ///< Id of the alarm, incident or notice, as text; empty when the act makes one.
  Person by;
  bool may_shelve_critical = false;  ///< Permission::kShelveCritical
  json::Value arguments;             ///< Body of the request.
};

}  // namespace bongsu::model
