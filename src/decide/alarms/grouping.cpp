// SPDX-License-Identifier: Apache-2.0
#include "decide/alarms/grouping.hpp"

namespace bongsu::alarms {
namespace {

constexpr double kFarM = 1e9;  // one of the two has no place

double Distance(const AlarmRow& a, const AlarmRow& b) {
  if (!a.place && !b.place) return 0;
  if (!a.place || !b.place) return kFarM;
  return model::DistanceMeters(a.place->point, b.place->point);
}

}  // namespace

bool MayLead(const AlarmRow& row) { return row.open() && !row.parent && !row.shelved && !row.answered() && !row.owner; }

const AlarmRow* LeaderFor(const AlarmRow& row, std::span<const AlarmRow* const> rows) {
  const AlarmRow* nearest = nullptr;
  double nearest_m = 0;
  std::size_t leaders = 0;
  for (const AlarmRow* other : rows) {
    if (other->id == row.id || other->rule != row.rule || other->severity != row.severity ||
        other->position != row.position || other->parent_key != row.parent_key || !MayLead(*other)) {
      continue;
    }
    ++leaders;
    const double distance_m = row.parent_key.empty() ? Distance(row, *other) : 0;
    // The older row leads when two are equally near, so the choice does not depend on the order of `rows`.
    const bool better = nearest == nullptr || distance_m < nearest_m ||
                        (distance_m == nearest_m &&
                         std::pair{other->raised_at, other->id} < std::pair{nearest->raised_at, nearest->id});
    if (!better) continue;
    nearest = other;
    nearest_m = distance_m;
  }
  return nearest != nullptr && (nearest_m <= kClusterRadiusM || leaders >= kRowsOfARule) ? nearest : nullptr;
}

}  // namespace bongsu::alarms
