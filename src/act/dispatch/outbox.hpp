// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Carries out what the outbox book decided, once the decision is on disk. The only place from which something leaves
/// the house; it runs only on the live owner of a tenant's desk, never during a rebuild.

#include <deque>
#include <memory>
#include <vector>

#include "act/dispatch/outbox_book.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "know/journal/port.hpp"

namespace bongsu::dispatch {

/// Lives on the desk's shard. Sends at most kMaxInFlight at once; the rest wait in order.
class Outbox : public std::enable_shared_from_this<Outbox> {
 public:
  static constexpr std::size_t kMaxInFlight = 16;

  /// Reads an event of the journal; `done` gets nothing when it is not kept. May go to a blocking pool.
  using ReadEvents =
      std::function<void(std::vector<model::Position>, std::function<void(std::vector<model::Event>)> done)>;

  Outbox(OutboxBook& book, desk::DeskPort& desk, std::vector<std::unique_ptr<Channel>> channels, ReadEvents read_events,
         Metrics& metrics, Log log = Log{});

  /// Call once when the desk is folded and live, before the first OnCommitted.
  /// @param hold_because  not empty: begins held (OutboxBook::Hold), for this reason
  void Start(std::string hold_because = {});
  /// A desk record is on disk.
  void OnCommitted(const model::Record& record);

 private:
  void Next();
  void Fire(const Notice& notice);
  void Carry(Channel& channel, Delivery delivery);
  void Finish(model::NoticeId id, ChannelKind kind, Outcome outcome);
  Channel* Find(std::string_view id) const;

  OutboxBook& book_;
  desk::DeskPort& desk_;
  std::vector<std::unique_ptr<Channel>> channels_;
  ReadEvents read_events_;
  Log log_;
  Counter& delivered_;
  Counter& failed_;
  Counter& retried_;
  std::deque<model::NoticeId> waiting_;  ///< Bounded by OutboxBook::kMaxPending.
  std::size_t in_flight_ = 0;
};

}  // namespace bongsu::dispatch
