// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The desk: one partition and one writer for everything people of a tenant act upon (architecture D4): alarms,
/// incidents, procedures, notices, users, tokens, audit. Its state is kept in books.
///
///   propose ──▶ DeskBatch.Add(record) ──▶ every book folds it, then may react with more records
///                        │
///                        └─ batch complete ──▶ AppendPort ──▶ on disk ──▶ answer, /live, outbox
///
/// Books change at once, answers and reads wait until what they saw is on disk; when an append fails, the books are
/// emptied and folded again from the journal. After a restart only Fold runs, so nothing is done twice.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "know/journal/port.hpp"

namespace bongsu::desk {

class DeskBatch {
 public:
  virtual ~DeskBatch() = default;
  /// Adds a record: position, tenant, event time, actor and source are filled in; books fold it before this returns.
  /// position and ingest_time (platform time) are final, so a fold sees the same live and after a restart; only epoch
  /// and writer_seq are not known yet, and no fold may look at them. The reference holds as long as the batch.
  virtual const model::Record& Add(model::Kind kind, std::string subject, std::string payload) = 0;
  /// Records who did what; the audit book chains it. `details` is JSON.
  /// @param action  "alarm.acknowledge": noun.verb, listed in docs/formats/audit.md
  virtual void Audit(std::string_view action, std::string_view subject, const json::Value& details) = 0;
  /// Records added from now on name `cause` as what they were derived from (a finding, an event). Without it, what
  /// React adds names the record reacted to, and what a proposal adds names nothing.
  virtual void CausedBy(model::Position cause) { (void)cause; }
  /// Platform time of the act; no record of it is earlier.
  virtual TimePoint now() const = 0;
  /// Platform time that passes while people and networks live through `real`: longer when the platform's clock is
  /// scaled.
  virtual Duration InPlatformTime(Duration real) const { return real; }
  virtual std::uint16_t tenant() const = 0;
  /// User or token id behind the act; empty for machines.
  virtual const std::string& actor() const = 0;
};

/// A part of the desk's state.
class Book {
 public:
  virtual ~Book() = default;
  /// Forgets everything.
  virtual void Clear() = 0;
  /// Takes one committed or proposed record in. Deterministic: depends on the record and on earlier ones alone.
  virtual void Fold(const model::Record& record) = 0;
  /// Live only: may add what follows from `record`.
  virtual void React(const model::Record& record, DeskBatch& batch) {
    (void)record;
    (void)batch;
  }
  /// Earliest platform time at which Tick wants to run; kNever for none.
  virtual TimePoint NextDue() const { return kNever; }
  /// Time passed; may add records.
  virtual void Tick(DeskBatch& batch) { (void)batch; }

  /// The book's part of a checkpoint. Empty: the book has none, and a desk that keeps it folds from its first record.
  virtual std::string_view name() const { return {}; }
  using PutRow = std::function<void(std::string row)>;
  /// Hands the whole state out as rows, each one JSON text without a line break: the same rows in the same order for
  /// the same state.
  virtual void Save(const PutRow& put) const { (void)put; }
  /// After Clear: takes the rows of Save back, in their order. Members it does not know are left aside, members that
  /// are missing mean what they meant when they did not exist, so a later release reads an earlier one's checkpoint.
  /// @errors kCorrupt
  virtual Result<void> Load(const json::Value& row) {
    (void)row;
    return {};
  }
};

/// Chains an audit record: gets it as it will be stored, payload {"action","subject","actor","from"?,"details"}, and
/// gives the payload back with "prev" and "hash" added. Called right before the record is folded, so the audit book
/// knows the end of the chain. guard/audit provides it.
using AuditSeal = std::function<std::string(const model::Record& unsealed)>;

/// A tenant's desk. Every call is made on the desk's own shard.
class DeskPort {
 public:
  virtual ~DeskPort() = default;
  using Propose = std::function<Result<json::Value>(DeskBatch&)>;
  using Answer = std::function<void(Result<json::Value>)>;
  /// Runs `propose` now; when it fails nothing it added stays. `answer` gets its value after the batch is on disk.
  /// @param actor  id of the user or token, or "ID@ADDRESS": the address goes into the audit records (guard::ActorOf)
  /// A proposal should look before it adds: one that fails after adding makes the desk fold itself again.
  /// @errors what `propose` says, those of AppendPort::Append, and
  ///         kOverloaded  desk.full     10,000 acts are under way
  ///         kInternal    desk.runaway  books went on reacting past 10,000 records
  ///         kUnavailable desk.folding  the journal cannot be read back after a failed append
  virtual void Act(std::string actor, Propose propose, Answer answer) = 0;
  /// Runs `look` when everything proposed so far is on disk (at once when nothing is pending). What it then sees may be
  /// ahead of the disk by acts proposed meanwhile.
  virtual void Read(std::function<void()> look) = 0;
};

}  // namespace bongsu::desk
