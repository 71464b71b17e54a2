// SPDX-License-Identifier: Apache-2.0
#pragma once

/// How long records are kept: by class (data partitions, desks), by age and by size, and never beyond what somebody
/// still needs them for.
///
///   limits ─▶ wanted first record of each partition ─┐
///   floors (checkpoints, entity state, history, …) ──┴─▶ the lower one ─▶ RetentionPort::Trim

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "know/journal/port.hpp"
#include "know/journal/retention_port.hpp"

namespace bongsu::journal {

struct RetentionLimit {
  Duration age = Duration::zero();  ///< Platform time a record is kept at most; zero: no limit.
  std::uint64_t bytes = 0;          ///< What the class may take on disk; 0: no limit. The oldest leave first.
  /// Younger records stay whatever the limits say.
  Duration at_least = Duration::zero();
};

/// The audit chain is kept a year at least (architecture D11), and it lies in the desk's partition.
inline constexpr Duration kAuditFloor = std::chrono::hours{24 * 365};

struct RetentionPolicy {
  RetentionLimit data;
  RetentionLimit desk{.at_least = kAuditFloor};
};

class Retention {
 public:
  /// Highest seq of a partition that this owner can do without from now on, whatever happens to the machine; UINT64_MAX
  /// when it needs nothing of it. An error means that nothing of the partition may go.
  using Floor = std::function<Result<std::uint64_t>(std::uint16_t partition)>;

  Retention(const JournalPort& journal, RetentionPort& engine, RetentionPolicy policy, Metrics& metrics, Log log);

  /// Before the first Run. `floor` is called on the thread of Run.
  void AddFloor(std::string name, Floor floor);

  /// First seq that the limits alone would keep, of each partition from which something would leave.
  std::map<std::uint16_t, std::uint64_t> Wanted(TimePoint now) const;

  struct Cut {
    std::uint16_t partition = 0;
    std::uint64_t first_seq = 0;  ///< First that is kept now.
    std::uint64_t records = 0;    ///< That left.
    std::string held_by;          ///< Floor that kept more than the limits ask; empty for none.
  };
  /// What may leave: one entry for each partition from which something was to leave. Blocks.
  std::vector<Cut> Plan(TimePoint now) const;
  /// Trims and says in `cuts` what left. One at a time. @errors those of RetentionPort::Trim
  Result<void> Trim(std::vector<Cut>& cuts);
  /// Plans and trims. Blocks.
  Result<std::vector<Cut>> Run(TimePoint now);

 private:
  void WantOfClass(const std::vector<std::uint16_t>& partitions, const RetentionLimit& limit, TimePoint now,
                   std::map<std::uint16_t, std::uint64_t>& wanted) const;
  TimePoint CutBySize(const std::vector<std::uint16_t>& partitions, std::uint64_t bytes) const;
  Cut Lowest(std::uint16_t partition, std::uint64_t wanted) const;

  const JournalPort& journal_;
  RetentionPort& engine_;
  RetentionPolicy policy_;
  Log log_;
  Counter& trimmed_;
  Counter& held_;
  std::vector<std::pair<std::string, Floor>> floors_;
};

/// First record of a partition with an ingest time of `since` or later; one behind the last when all are older.
std::uint64_t FirstSince(const JournalPort& journal, std::uint16_t partition, TimePoint since);

}  // namespace bongsu::journal
