// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/rule.hpp"

#include <array>

#include "decide/rules/key_state.hpp"

namespace bongsu::rules {

bool Comparison::Holds(std::uint64_t value) const {
  switch (op) {
    case Op::kGreater:
      return value > than;
    case Op::kGreaterEq:
      return value >= than;
    case Op::kLess:
      return value < than;
    case Op::kLessEq:
      return value <= than;
    case Op::kEqual:
      return value == than;
    case Op::kNotEqual:
      return value != than;
  }
  return false;
}

bool Schedule::Awake(TimePoint at) const {
  const auto local = at + offset;
  const auto of_day = local - std::chrono::floor<std::chrono::days>(local);
  return from <= to ? of_day >= from && of_day < to : of_day >= from || of_day < to;
}

std::string_view OperatorName(OperatorKind kind) {
  constexpr std::array<std::string_view, 9> kNames{"each",    "state",   "count",  "sequence", "together",
                                                   "missing", "silence", "change", "near"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::uint64_t Rule::BytesBound() const {
  return static_cast<std::uint64_t>(max_keys) * (kKeyBytes + max_events * (kEntryBytes + kDetailBytes + kToldBytes));
}

}  // namespace bongsu::rules
