// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One record of the journal: every accepted input and every act. All fields of envelope v1 (docs/formats/envelope.md).

#include <cstdint>
#include <memory>
#include <string>

#include "base/id.hpp"
#include "base/time.hpp"

namespace bongsu::model {

/// What a record is. Numbers are never reused; a number without a fold is kept and skipped.
enum class Kind : std::uint16_t {
  kNone = 0,
  kTick = 1,             ///< Platform time passed and a timer was due.
  kConfig = 2,           ///< A configuration version took effect.
  kClaim = 3,            ///< A writer took over with a higher epoch.
  kEvent = 4,            ///< Input: an Event or Observation of a linked system. Payload: model/event.hpp.
  kEntity = 5,           ///< A change of the context. Payload: model/entity_patch.hpp.
  kFinding = 6,          ///< Outcome: a rule came true, was amended or became final. Payload: model/finding.hpp.
  kAlarm = 7,            ///< Desk: an alarm changed.
  kIncident = 8,         ///< Desk: an incident changed.
  kStep = 9,             ///< Desk: a procedure step changed.
  kNotice = 10,          ///< Desk: intent to tell somebody outside (outbox).
  kNoticeResult = 11,    ///< Desk: what came of it.
  kAudit = 12,           ///< Desk: who did what; hash-chained.
  kUser = 13,            ///< Desk: an account changed.
  kToken = 14,           ///< Desk: an access token was made or revoked.
  kTenant = 15,          ///< Desk of the platform tenant: a tenant was made.
  kQuarantine = 16,      ///< Input that was refused by a mapping but kept to be replayed.
  kQuarantineDone = 17,  ///< A quarantined input was replayed or dropped.
  kErased = 18,          ///< Personal values were erased.
  kSeal = 19,            ///< A signed seal of the audit chain.
  kConnector = 20,       ///< A connector's state changed.
};

inline constexpr std::uint16_t kDeskBase = 0x8000;  ///< Desk partition of a tenant: kDeskBase + ordinal.

/// Place of a record in the journal. seq counts from 1 in each partition, without holes.
struct Position {
  std::uint16_t partition = 0;
  std::uint64_t seq = 0;  ///< 0: none
  friend constexpr auto operator<=>(const Position&, const Position&) = default;
};

struct EntityPatch;

struct Record {
  Kind kind = Kind::kNone;
  std::uint8_t schema = 1;       ///< Version of the payload's layout for this kind.
  Position position;             ///< partition is chosen by the writer, seq by the committer.
  std::uint32_t epoch = 0;       ///< Set by the engine.
  std::uint64_t writer_seq = 0;  ///< Set by the engine.
  std::uint16_t tenant = 0;      ///< Ordinal of the tenant.
  TimePoint event_time{};        ///< When it happened, by its source.
  TimePoint
      ingest_time{};  ///< Platform time at which it was accepted; set by the committer, strictly rising in a partition.
  std::string source;        ///< Id of the linked system or "desk"; a surrogate where personal.
  TimePoint watermark{};     ///< The source will send nothing older, as far as it knows; epoch 0 = unknown.
  std::string subject;       ///< Entity or alarm id it is about; a surrogate where personal.
  std::string actor;         ///< User or token id of an act; empty for machines.
  Position cause;            ///< Record this one was derived from.
  Hash128 dedupe;            ///< Message identity at its source; 0 for none.
  std::uint32_t key_id = 0;  ///< Key the payload is sealed under; 0 = not sealed.
  std::string payload;       ///< JSON text in UTF-8 (schema 1 of every kind).
  /// What the payload of a kEntity says, when its writer has it at hand; saves folds of this process reading it again.
  /// Not part of the envelope: null after a read from the journal.
  std::shared_ptr<const EntityPatch> patch = nullptr;
};

/// Partition of a routing key: XXH3_64(tenant, key) % partitions (architecture D4).
std::uint16_t PartitionOf(std::uint16_t tenant, std::string_view routing_key, std::uint16_t partitions);
constexpr std::uint16_t DeskPartition(std::uint16_t tenant) { return static_cast<std::uint16_t>(kDeskBase + tenant); }

}  // namespace bongsu::model
