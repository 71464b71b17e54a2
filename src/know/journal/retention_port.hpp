// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The one way in which records leave a journal: from the old end of a partition.

#include <cstdint>

#include "base/result.hpp"

namespace bongsu::journal {

class RetentionPort {
 public:
  virtual ~RetentionPort() = default;
  /// Drops the records of `partition` before `before_seq`; the newest record stays whatever is asked. From any thread.
  /// @errors kUnavailable journal.io
  virtual Result<void> Trim(std::uint16_t partition, std::uint64_t before_seq) = 0;
  /// About how many bytes the records from `from_seq` to before `until_seq` take.
  virtual std::uint64_t BytesOf(std::uint16_t partition, std::uint64_t from_seq, std::uint64_t until_seq) const = 0;
};

}  // namespace bongsu::journal
