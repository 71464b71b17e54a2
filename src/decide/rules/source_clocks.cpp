// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/source_clocks.hpp"

#include <algorithm>

namespace bongsu::rules {
namespace {

bool Meet(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  return std::ranges::any_of(a, [&](std::uint64_t key) { return std::ranges::find(b, key) != b.end(); });
}

}  // namespace

SourceClocks::Clock* SourceClocks::Find(const Name& name) {
  const auto found = clocks_.find(name);
  if (found != clocks_.end()) return &found->second;
  if (clocks_.size() >= kMaxSources) {
    ++left_out_;
    return nullptr;
  }
  return &clocks_[name];
}

void SourceClocks::SetLateness(std::uint16_t tenant, const std::string& source, Duration lateness) {
  given_[{tenant, source}] = std::clamp<Duration>(lateness, Duration{0}, 24h);
}

Duration SourceClocks::LatenessOf(const Name& name) const {
  const auto found = given_.find(name);
  return found == given_.end() ? lateness_ : found->second;
}

void SourceClocks::Heard(std::uint16_t tenant, const std::string& source, const std::vector<std::uint64_t>& groups,
                         TimePoint at, TimePoint received_at) {
  Clock* clock = Find({tenant, source});
  if (clock == nullptr) return;
  if (clock->heard_at != TimePoint{} && received_at > clock->heard_at) {
    // A slow mean of the gaps: one part in eight of the newest.
    clock->interval = std::max<Duration>(1s, (clock->interval * 7 + (received_at - clock->heard_at)) / 8);
  }
  clock->newest = std::max(clock->newest, at);
  clock->heard_at = std::max(clock->heard_at, received_at);
  for (const std::uint64_t group : groups) {
    if (std::ranges::find(clock->groups, group) == clock->groups.end()) clock->groups.push_back(group);
  }
  clock->fresh = true;
}

void SourceClocks::Take(const ClockNews& news) {
  Clock* clock = Find({news.tenant, news.source});
  if (clock == nullptr) return;
  clock->newest = std::max(clock->newest, news.newest);
  clock->heard_at = std::max(clock->heard_at, news.heard_at);
  clock->interval = news.interval;
  clock->groups = news.groups;
}

std::vector<ClockNews> SourceClocks::TakeNews() {
  std::vector<ClockNews> out;
  for (auto& [name, clock] : clocks_) {
    if (!clock.fresh) continue;
    clock.fresh = false;
    out.push_back({name.first, name.second, clock.groups, clock.newest, clock.heard_at, clock.interval});
  }
  return out;
}

Duration SourceClocks::LatenessOfAll(std::uint16_t tenant, const std::vector<std::uint64_t>& hears) const {
  std::optional<Duration> longest;
  for (auto at = clocks_.lower_bound({tenant, ""}); at != clocks_.end() && at->first.first == tenant; ++at) {
    if (Meet(at->second.groups, hears)) longest = std::max(longest.value_or(Duration{0}), LatenessOf(at->first));
  }
  return longest.value_or(lateness_);
}

template <class Of>
std::optional<TimePoint> SourceClocks::Least(std::uint16_t tenant, const std::vector<std::uint64_t>& hears,
                                             TimePoint now, Of of) const {
  std::optional<TimePoint> least;
  for (auto at = clocks_.lower_bound({tenant, ""}); at != clocks_.end() && at->first.first == tenant; ++at) {
    const Clock& clock = at->second;
    if (now - clock.heard_at > 3 * clock.interval || !Meet(clock.groups, hears)) continue;
    least = std::min(least.value_or(now), of(at->first, clock));
  }
  return least;
}

TimePoint SourceClocks::Watermark(std::uint16_t tenant, const std::vector<std::uint64_t>& hears, TimePoint now) const {
  const auto least =
      Least(tenant, hears, now, [&](const Name& name, const Clock& clock) { return clock.newest - LatenessOf(name); });
  return least ? *least : now - LatenessOfAll(tenant, hears);
}

TimePoint SourceClocks::Progress(std::uint16_t tenant, const std::vector<std::uint64_t>& hears, TimePoint now) const {
  return Least(tenant, hears, now,
               [&](const Name&, const Clock& clock) { return clock.newest + (now - clock.heard_at); })
      .value_or(now);
}

}  // namespace bongsu::rules
