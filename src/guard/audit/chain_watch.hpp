// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Verifies one tenant's chain while the server runs and remembers what came of it: the indicator on screen. Lives on
/// the desk's shard; the reading happens on the blocking pool, one run at a time, at most every 30 s.

#include <functional>
#include <optional>
#include <vector>

#include "guard/audit/verify.hpp"
#include "runtime/shards.hpp"

namespace bongsu::audit {

struct ChainState {
  bool ok = true;
  TimePoint at{};  ///< When the run began.
  std::uint64_t records = 0;
  std::optional<Bad> first_bad;
};

/// {"ok","at","records","first_bad"?}
json::Value ToJson(const ChainState& state);

class ChainWatch : public std::enable_shared_from_this<ChainWatch> {
 public:
  struct Parts {
    runtime::Shards& shards;
    runtime::BlockingPool& pool;
    const journal::JournalPort& journal;
    const crypto::CryptoPort& crypto;
    const Clock& clock;
    std::string open_key;
  };
  static constexpr auto kFresh = 30s;  ///< Real time for which a result is given again.
  static constexpr std::size_t kMaxWaiting = 1'000;

  ChainWatch(Parts parts, std::uint16_t tenant, std::size_t shard)
      : parts_{std::move(parts)}, tenant_{tenant}, shard_{shard} {}

  /// From any shard; `done` runs on the watch's shard. The chain as verified within the last 30 s.
  /// @errors kOverloaded audit.busy
  void Ask(std::function<void(Result<ChainState>)> done);
  /// The newest result, on the watch's shard; empty before the first run.
  const std::optional<ChainState>& last() const { return last_; }

 private:
  void Run();
  void Answer(const Result<ChainState>& result);

  Parts parts_;
  std::uint16_t tenant_;
  std::size_t shard_;
  std::optional<ChainState> last_;
  std::chrono::steady_clock::time_point last_run_{};
  bool running_ = false;
  std::vector<std::function<void(Result<ChainState>)>> waiting_;
};

}  // namespace bongsu::audit
