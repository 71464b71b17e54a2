// SPDX-License-Identifier: Apache-2.0
#pragma once

/// In a flood, alarms of one cause share one row: the first of them leads, the others are its children.
/// A cause is (rule, severity, failed parent) and, where no parent is named, a place within 500 m; a rule spread over
/// the city keeps two rows. Alarms of different parents never share a row: each parent's own alarm gathers its
/// children. Source: console.md 3.4, flood mode.

#include <span>

#include "decide/alarms/alarm_row.hpp"

namespace bongsu::alarms {

inline constexpr double kClusterRadiusM = 500;
inline constexpr std::size_t kRowsOfARule = 2;  ///< Rows one rule (at one severity) may take in a flood.

/// Whether `row` may lead a group: nobody has answered it, so what joins it is still asked about.
bool MayLead(const AlarmRow& row);

/// The row `row` should go under; nullptr: it stands for itself.
/// @param rows  open rows of the same rule, any order; rows that may not lead are passed over
const AlarmRow* LeaderFor(const AlarmRow& row, std::span<const AlarmRow* const> rows);

}  // namespace bongsu::alarms
