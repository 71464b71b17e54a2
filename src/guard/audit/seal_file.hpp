// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Seals in a file outside the data directory, one JSON line each: KEYS/audit-seals.ndjson always, and one in a folder
/// of another machine where `seal_folder` names one. Past 16 MiB the file becomes FILE.1 and a new one begins.

#include <string>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "guard/audit/seals.hpp"
#include "runtime/shards.hpp"

namespace bongsu::audit {

class SealFile final : public SealWay {
 public:
  static constexpr std::uint64_t kMaxBytes = 16UL << 20U;

  SealFile(std::string path, runtime::BlockingPool& pool, Metrics& metrics, Log log);
  /// `pool` has stopped before this dies.
  void Send(const std::vector<std::string>& seals) override;

 private:
  void Write(const std::string& lines) const;

  std::string path_;
  runtime::BlockingPool& pool_;
  Counter& lost_;
  Log log_;
};

}  // namespace bongsu::audit
