// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The desk of the scenario's city: the books of a tenant in the order of app/tenant_house, over a journal in memory in
/// which everything is on disk at once. The outbox is held: what would be sent is written down and stays.
///
///   finding ─▶ AlarmBook ─▶ IncidentBook ─▶ ProcedureBook
///                  └────────────┴─────────▶ OutboxBook
///
/// Left out are the books that nothing here reads: audit, accounts, tenants.

#include <array>
#include <vector>

#include "act/dispatch/outbox_book.hpp"
#include "act/incidents/incident_book.hpp"
#include "act/sop/procedure_book.hpp"
#include "decide/alarms/alarm_book.hpp"
#include "know/desk/desk.hpp"
#include "know/journal/memory_journal_fake.hpp"

namespace bongsu::scenario {

/// Commits at once.
class Ledger final : public journal::AppendPort {
 public:
  explicit Ledger(TimePoint now) { (void)journal_.Claim(now); }
  void Append(journal::Batch batch, journal::AppendDone done) override;
  std::uint16_t partitions() const override { return journal_.partitions(); }
  const journal::JournalPort& journal() const { return journal_; }

 private:
  journal::MemoryJournal journal_;
};

class Room {
 public:
  /// One move of one alarm, as the board's listeners get it.
  struct Told {
    TimePoint at;
    std::string why;  ///< A word of docs/formats/alarms.md.
    alarms::AlarmRow row;
    /// It asks for somebody: told, and neither held back under another row nor put aside.
    bool rings() const;
  };

  struct Sent {
    TimePoint at;
    dispatch::Notice notice;
  };

  Room(const ManualClock& clock, const sop::Library& procedures, dispatch::Peers peers);
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  void Take(const model::Finding& finding);
  /// What a person does. verb notify sends a notice of the incident `act.subject`; verb step settles its step `n`.
  Result<json::Value> Act(const model::DeskAct& act, std::size_t n);
  /// When a book next wants to run by itself: a shelf ends, a step becomes late.
  TimePoint NextDue() const;
  void Wake() { desk_.Wake(); }

  const std::vector<Told>& told() const { return told_; }
  const std::vector<Sent>& notices() const { return notices_; }  ///< As they were intended, oldest first.
  const journal::JournalPort& journal() const { return ledger_.journal(); }
  const alarms::AlarmBook& alarms() const { return alarms_; }
  const incidents::IncidentBook& incidents() const { return incidents_; }
  const sop::ProcedureBook& procedures() const { return procedures_; }
  /// The newest alarm of `rule`, open or closed; nullptr when there was none.
  const alarms::AlarmRow* Newest(std::string_view rule) const;

 private:
  void Keep(const model::Record& record);

  const ManualClock& clock_;
  Ledger ledger_;
  Metrics metrics_;
  alarms::AlarmBook alarms_;
  incidents::IncidentBook incidents_;
  sop::ProcedureBook procedures_;
  dispatch::OutboxBook outbox_;
  desk::Desk desk_;
  std::vector<Told> told_;
  std::vector<Sent> notices_;
};

}  // namespace bongsu::scenario
