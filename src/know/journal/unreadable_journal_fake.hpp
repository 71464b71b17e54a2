// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A journal some of whose records do not decode, as after a changed byte on the disk.

#include <utility>

#include "know/journal/port.hpp"

namespace bongsu::journal {

class UnreadableJournal final : public JournalPort {
 public:
  using Damaged = std::function<bool(model::Position position)>;
  UnreadableJournal(const JournalPort& journal, Damaged damaged) : journal_{journal}, damaged_{std::move(damaged)} {}

  AppendResult Append(std::span<model::Record>) override {
    return {Outcome::kRefused, {Code::kNotSupported, "test.read_only", "read only"}};
  }
  Result<std::uint64_t> Read(std::uint16_t partition, std::uint64_t from_seq,
                             const std::function<bool(const model::Record&)>& visit) const override {
    bool bad = false;
    auto read = journal_.Read(partition, from_seq, [&](const model::Record& record) {
      bad = damaged_(record.position);
      return !bad && visit(record);
    });
    if (bad) return BadRecord();
    return read;
  }
  Result<model::Record> At(model::Position position) const override {
    if (damaged_(position)) return BadRecord();
    return journal_.At(position);
  }
  Range RangeOf(std::uint16_t partition) const override { return journal_.RangeOf(partition); }
  std::vector<std::uint16_t> Partitions() const override { return journal_.Partitions(); }
  std::uint16_t partitions() const override { return journal_.partitions(); }
  Result<std::uint32_t> Claim(TimePoint) override { return Fail(Code::kNotSupported, "test.read_only", "read only"); }

 private:
  static tl::unexpected<Error> BadRecord() { return Fail(Code::kCorrupt, "journal.bad_record", "it does not decode"); }

  const JournalPort& journal_;
  Damaged damaged_;
};

}  // namespace bongsu::journal
