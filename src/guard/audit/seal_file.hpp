// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Seals outside the data directory, one JSON line each, so that a tail cut off the journal shows. The default place is
/// KEYS/audit-seals.ndjson. Past 16 MiB the file becomes FILE.1 and a new one begins.

#include <span>
#include <string>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "model/record.hpp"
#include "runtime/shards.hpp"

namespace bongsu::audit {

class SealFile {
 public:
  static constexpr std::uint64_t kMaxBytes = 16UL << 20U;

  SealFile(std::string path, runtime::BlockingPool& pool, Metrics& metrics, Log log);
  /// Desk records that are on disk now: writes the seals among them. From any shard; `pool` has stopped before this
  /// dies.
  void OnCommitted(std::span<const model::Record> records);

 private:
  void Write(const std::string& lines) const;

  std::string path_;
  runtime::BlockingPool& pool_;
  Counter& lost_;
  Log log_;
};

}  // namespace bongsu::audit
