// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Seals to a syslog collector (RFC 5424) over UDP or TCP, so that they lie on a machine the server's administrator
/// does not have. What does not get through waits (at most 1,000, the oldest is dropped and counted) and is tried again
/// after 10 s. Over UDP nobody says whether it arrived.
///
///   <109>1 2026-11-22T05:32:41.250Z HOST bongsu PID audit.seal - {"tenant":0,"n":7,…}
///
/// 109 = facility 13 (log audit) x 8 + severity 5 (notice). TCP frames by octet counting (RFC 6587 section 3.4.1).

#include <deque>
#include <string>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "guard/audit/seals.hpp"
#include "runtime/shards.hpp"

namespace bongsu::audit {

struct SyslogTarget {
  bool tcp = false;
  std::string host;
  std::string port = "514";
};

/// "udp://10.0.0.9:514", "tcp://[::1]:601". @errors kInvalidArgument audit.bad_syslog
Result<SyslogTarget> ReadSyslogTarget(std::string_view text);

/// One message, without a frame. @param host  name of this machine; `seal` is a seal's line
std::string SyslogMessage(std::string_view seal, std::string_view host, int pid);

/// Sends messages one after the other; blocks at most about 5 s. Gives how many the network took.
std::size_t SendSyslog(const SyslogTarget& target, const std::vector<std::string>& messages);

class SealSyslog final : public SealWay {
 public:
  static constexpr std::size_t kMaxWaiting = 1'000;
  static constexpr std::chrono::seconds kRetry{10};

  /// @param shards  its shard 0 owns what waits; `pool` has stopped before this dies
  SealSyslog(SyslogTarget target, runtime::Shards& shards, runtime::BlockingPool& pool, Metrics& metrics, Log log);
  void Send(const std::vector<std::string>& seals) override;

 private:
  void Try();
  void Took(std::size_t count, std::size_t of);

  SyslogTarget target_;
  runtime::Shards& shards_;
  runtime::BlockingPool& pool_;
  Counter& lost_;
  Counter& failed_;
  Log log_;
  std::deque<std::string> waiting_;  ///< Messages; of shard 0.
  bool busy_ = false;                ///< A try is under way or planned.
};

}  // namespace bongsu::audit
