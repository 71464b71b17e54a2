// SPDX-License-Identifier: Apache-2.0
#include "decide/alarms/flood.hpp"

#include <algorithm>

namespace bongsu::alarms {
namespace {

std::int64_t BinOf(TimePoint at) { return ToMicros(at) / Duration{Flood::kWindow}.count(); }

}  // namespace

json::Value Flood::Save() const {
  json::Value saved = json::Object{};
  for (const auto& [name, position] : positions_) {
    json::Array recent;
    for (const TimePoint at : position.recent) recent.emplace_back(ToMicros(at));
    saved.Set(name, json::Object{{"recent", std::move(recent)},
                                 {"flood", position.flood},
                                 {"newest_bin", position.newest_bin},
                                 {"bins", json::Array(position.bins.begin(), position.bins.end())}});
  }
  return saved;
}

void Flood::Load(const json::Value& saved) {
  for (const auto& [name, kept] : saved.AsObject()) {
    Position& position = positions_[name];
    for (const json::Value& at : kept["recent"].AsArray()) position.recent.push_back(FromMicros(at.AsInt()));
    position.flood = kept["flood"].AsBool();
    position.newest_bin = kept["newest_bin"].AsInt();
    const json::Array& bins = kept["bins"].AsArray();
    for (std::size_t i = 0; i < kBins && i < bins.size(); ++i) position.bins[i] = bins[i].AsInt();
  }
}

std::size_t Flood::InWindow(const Position& position, TimePoint now) {
  return static_cast<std::size_t>(
      std::ranges::count_if(position.recent, [&](TimePoint at) { return at > now - kWindow; }));
}

std::int64_t Flood::CountIn(const Position& position, std::int64_t bin) {
  const bool kept = bin <= position.newest_bin && bin > position.newest_bin - static_cast<std::int64_t>(kBins);
  return kept ? position.bins[static_cast<std::size_t>(bin) % kBins] : 0;
}

void Flood::Raised(const std::string& name, TimePoint at) {
  Position& position = positions_[name];
  if (position.flood && InWindow(position, at) < kEnds) position.flood = false;
  position.recent.push_back(at);
  if (position.recent.size() > kBegins + 1) position.recent.pop_front();
  if (InWindow(position, at) > kBegins) position.flood = true;

  const std::int64_t bin = BinOf(at);
  if (bin - position.newest_bin >= static_cast<std::int64_t>(kBins)) position.bins.fill(0);
  for (std::int64_t empty = std::max(position.newest_bin + 1, bin - static_cast<std::int64_t>(kBins) + 1); empty <= bin;
       ++empty) {
    position.bins[static_cast<std::size_t>(empty) % kBins] = 0;
  }
  position.newest_bin = std::max(position.newest_bin, bin);
  ++position.bins[static_cast<std::size_t>(bin) % kBins];
}

bool Flood::At(const std::string& name, TimePoint now) const {
  const auto found = positions_.find(name);
  return found != positions_.end() && found->second.flood && InWindow(found->second, now) >= kEnds;
}

std::vector<std::int64_t> Flood::Rate(TimePoint now) const {
  std::vector<std::int64_t> rate(kBins, 0);
  const std::int64_t newest = BinOf(now);
  for (const auto& [name, position] : positions_) {
    for (std::size_t i = 0; i < kBins; ++i) {
      rate[i] += CountIn(position, newest - static_cast<std::int64_t>(kBins - 1 - i));
    }
  }
  return rate;
}

double Flood::FloodShare(TimePoint now) const {
  const std::int64_t newest = BinOf(now);
  std::int64_t flooded = 0;
  for (std::size_t i = 0; i < kBins; ++i) {
    const std::int64_t bin = newest - static_cast<std::int64_t>(i);
    flooded += std::ranges::any_of(
        positions_, [&](const auto& item) { return CountIn(item.second, bin) > static_cast<std::int64_t>(kBegins); });
  }
  return static_cast<double>(flooded) / static_cast<double>(kBins);
}

}  // namespace bongsu::alarms
