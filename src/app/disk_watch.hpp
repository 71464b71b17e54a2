// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Whether the disk keeps up: told by how long synced writes take. What is told becomes an event of the platform, and a
/// rule of the pack `ems` makes the alarm of it. Pure; asked every two seconds.

#include <optional>

#include "base/time.hpp"
#include "model/event.hpp"

namespace bongsu::app {

class DiskWatch {
 public:
  static constexpr double kStuckSeconds = 5;  ///< A write that takes longer: the server is not ready.
  static constexpr int kLooksSlow = 3;        ///< In a row, before it is said.
  static constexpr int kLooksBack = 5;

  /// @param limit_s  of a synced write, seconds; 0: nothing is ever slow
  explicit DiskWatch(double limit_s) : limit_s_{limit_s} {}

  /// @param seconds  of a synced write now (Committer::SyncSeconds)
  /// Event storage.slow or storage.back when that changed.
  std::optional<model::Event> Look(double seconds, TimePoint now);

 private:
  double limit_s_;
  int streak_ = 0;  ///< Looks in a row that speak for the other state.
  bool slow_ = false;
};

}  // namespace bongsu::app
