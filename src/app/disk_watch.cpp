// SPDX-License-Identifier: Apache-2.0
#include "app/disk_watch.hpp"

#include <cmath>

namespace bongsu::app {

std::optional<model::Event> DiskWatch::Look(double seconds, TimePoint now) {
  if (limit_s_ <= 0) return std::nullopt;
  // What hangs between the two limits changes nothing.
  const bool other = slow_ ? seconds < limit_s_ / 2 : seconds >= limit_s_;
  streak_ = other ? streak_ + 1 : 0;
  if (streak_ < (slow_ ? kLooksBack : kLooksSlow)) return std::nullopt;
  streak_ = 0;
  slow_ = !slow_;
  model::Event event;
  event.source = "bongsu";
  event.type = slow_ ? "storage.slow" : "storage.back";
  event.log_source = {"platform", "bongsu", "storage"};
  event.admission = model::Admission::kUrgent;  // what the disk still takes, this is to be in it
  event.at = now;
  event.fields = {{"disk", "journal"}, {"seconds", std::round(seconds * 100) / 100}};
  return event;
}

}  // namespace bongsu::app
