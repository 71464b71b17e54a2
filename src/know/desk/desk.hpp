// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A tenant's desk over its books: folds proposals at once, answers when they are on disk. See port.hpp for the
/// picture.
///
///              append failed, or a proposal failed after it added records
///   kServing ───────────────────────────────────────────────────────────▶ kBroken: new acts wait
///      ▲                                                                     │ nothing is under way any more
///      └──── waiting reads and acts run ◀── books folded from the journal ◀──┘
///
/// Lives in one shard; not thread-safe.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "know/desk/checkpoint_store.hpp"
#include "know/desk/port.hpp"

namespace bongsu::desk {

class Desk final : public DeskPort {
 public:
  static constexpr std::size_t kMaxBatchRecords = 10'000;
  static constexpr std::size_t kMaxPending = 10'000;  ///< Acts and reads under way or waiting.

  /// Runs work on the desk's shard after real time has passed (runtime::Shards::After).
  using After = std::function<void(std::chrono::milliseconds, std::function<void()>)>;
  using Subscriber = std::function<void(std::span<const model::Record>)>;

  struct House {
    journal::AppendPort& append;
    const journal::JournalPort& journal;
    const Clock& clock;
    Metrics& metrics;
    Log log;
    After after;
    /// Where the fold begins; nullptr: always at the first record.
    const CheckpointStore* checkpoints = nullptr;
  };

  Desk(std::uint16_t tenant, House house);
  ~Desk() override;
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  /// Before Recover. Books fold and react in this order; they must outlive the desk.
  void AddBook(Book& book);
  /// Without it audit records are stored unchained.
  void SetAuditSeal(AuditSeal seal);
  /// Gets every committed desk record once, in order, on the desk's shard; not those folded by the first Recover.
  void OnCommitted(Subscriber subscriber);

  /// Folds the partition into the books, from the newest checkpoint on. Once, after the committer has started and
  /// before the first act.
  /// @errors kCorrupt journal.bad_record | checkpoint.none_usable
  Result<void> Recover();

  void Act(std::string actor, Propose propose, Answer answer) override;
  void Read(std::function<void()> look) override;
  /// Ticks the books that are due by the clock. The desk calls it by its timer; a test that moves the clock calls it,
  /// too.
  void Wake();

  std::uint16_t tenant() const { return tenant_; }
  std::uint16_t partition() const { return model::DeskPartition(tenant_); }
  /// Where the last fold began; 0: at the first record.
  std::uint64_t checkpoint_seq() const { return checkpoint_seq_; }
  /// Newest seq the books have folded.
  std::uint64_t folded_seq() const { return next_seq_ - 1; }
  /// Newest seq that is on disk and was handed to the subscribers.
  std::uint64_t committed_seq() const { return committed_seq_; }

 private:
  class Batch;
  struct Pending {
    std::size_t records = 0;  // 0: a look or an answer that waits for those before it
    json::Value value;
    Answer answer;                 // empty for looks
    std::function<void()> look;    // empty for acts
    std::optional<Error> error{};  // an act without records that looked at books which did not come true
  };
  struct Deferred {
    std::string actor;
    Propose propose;
    Answer answer;
    std::function<void()> look;  // set instead of the others for a read
  };

  void ActNow(std::string actor, const Propose& propose, Answer answer);
  Result<void> React(Batch& batch);
  void OnDone(Result<journal::Committed> result);
  void Drain();
  void RunWaiting();
  void Break(std::string_view why);
  void Mend();
  Result<void> FoldAll(std::uint64_t publish_after);
  Result<Restored> Begin(std::uint64_t at_most);
  void Publish(std::span<const model::Record> records);
  void Arm();

  std::uint16_t tenant_;
  House house_;
  std::vector<Book*> books_;
  AuditSeal seal_;
  std::vector<Subscriber> subscribers_;

  std::uint64_t next_seq_ = 1;
  std::uint64_t committed_seq_ = 0;
  std::uint64_t checkpoint_seq_ = 0;
  TimePoint last_ingest_{};
  std::deque<Pending> pending_;
  std::size_t in_flight_ = 0;  // entries of pending_ that wait for the committer
  bool broken_ = false;        // the books are ahead of, or beside, the journal
  bool mending_ = false;       // they could not be folded again; a timer tries once more
  bool draining_ = false;
  std::deque<Deferred> deferred_;
  TimePoint armed_for_ = kNever;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  Counter& acts_;
  Counter& failed_;
  Counter& refolds_;
  Counter& ticks_;
  Histogram& seconds_;
};

}  // namespace bongsu::desk
