// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Reads a whole journal and holds it against what it promises.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "know/journal/port.hpp"

namespace bongsu::journal {

struct Problem {
  model::Position position;  ///< Where; seq 0 when a whole partition could not be read.
  std::string reason;        ///< journal.bad_record | journal.time_falls | journal.epoch_falls | journal.misplaced
  std::string message;
};

struct PartitionReport {
  std::uint16_t partition = 0;
  Range range;
  std::map<std::uint16_t, std::uint64_t> records_by_kind;  ///< Kind number -> records.
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  ///< Of envelopes.
};

struct JournalReport {
  std::vector<PartitionReport> partitions;
  std::vector<Problem> problems;  ///< At most 100; the first of each partition always.
  std::uint64_t records = 0;
  Hash128 hash;  ///< Of every envelope in partition and seq order.
};

/// Every record is read and decoded, seqs, epochs and platform time rise, each record lies where it says.
JournalReport VerifyJournal(const JournalPort& journal);

/// Word of a kind, such as "event"; its number in words for one this release does not know.
std::string KindName(model::Kind kind);

}  // namespace bongsu::journal
