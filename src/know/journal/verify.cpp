// SPDX-License-Identifier: Apache-2.0
#include "know/journal/verify.hpp"

#include <array>
#include <utility>

#include "model/envelope.hpp"

namespace bongsu::journal {
namespace {

constexpr std::size_t kMaxProblems = 100;

class PartitionCheck {
 public:
  PartitionCheck(std::uint16_t partition, JournalReport& report) : report_{report} { own_.partition = partition; }

  void Take(const model::Record& record) {
    if (record.position.partition != own_.partition || record.position.seq <= last_seq_) {
      Complain(record.position, "journal.misplaced", fmt::format("read behind seq {}", last_seq_));
    }
    if (record.ingest_time <= last_ingest_) {
      Complain(
          record.position, "journal.time_falls",
          fmt::format("platform time {} is not behind {}", FormatUtc(record.ingest_time), FormatUtc(last_ingest_)));
    }
    if (record.epoch < last_epoch_) {
      Complain(record.position, "journal.epoch_falls", fmt::format("epoch {} behind {}", record.epoch, last_epoch_));
    }
    last_seq_ = record.position.seq;
    last_ingest_ = record.ingest_time;
    last_epoch_ = record.epoch;
    ++own_.records;
    ++own_.records_by_kind[static_cast<std::uint16_t>(record.kind)];
    buffer_.clear();
    if (!model::EncodeEnvelope(buffer_, record)) return;
    own_.bytes += buffer_.size();
    report_.hash = HashParts({ToText(report_.hash), buffer_});
  }

  void Complain(model::Position position, std::string reason, std::string message) {
    if (std::exchange(complained_, true) && report_.problems.size() >= kMaxProblems) return;
    report_.problems.push_back({position, std::move(reason), std::move(message)});
  }

  PartitionReport own_;

 private:
  JournalReport& report_;
  std::uint64_t last_seq_ = 0;
  std::uint32_t last_epoch_ = 0;
  TimePoint last_ingest_ = TimePoint::min();
  bool complained_ = false;
  std::string buffer_;
};

}  // namespace

JournalReport VerifyJournal(const JournalPort& journal) {
  JournalReport report;
  for (const std::uint16_t partition : journal.Partitions()) {
    PartitionCheck check{partition, report};
    check.own_.range = journal.RangeOf(partition);
    const auto read = journal.Read(partition, 0, [&](const model::Record& record) {
      check.Take(record);
      return true;
    });
    if (!read) {
      check.Complain({partition, 0}, read.error().reason, read.error().message);
    } else if (*read != check.own_.range.last_seq + 1) {
      check.Complain({partition, *read}, "journal.bad_record",
                     fmt::format("reading ends at seq {}, the partition at {}", *read - 1, check.own_.range.last_seq));
    }
    report.records += check.own_.records;
    report.partitions.push_back(std::move(check.own_));
  }
  return report;
}

std::string KindName(model::Kind kind) {
  constexpr std::array<std::string_view, 21> kNames{
      "none",  "tick",     "config",     "claim",           "event",         "entity", "finding",
      "alarm", "incident", "step",       "notice",          "notice_result", "audit",  "user",
      "token", "tenant",   "quarantine", "quarantine_done", "erased",        "seal",   "connector"};
  const auto number = static_cast<std::size_t>(kind);
  return number < kNames.size() ? std::string(kNames[number]) : fmt::format("kind_{}", number);
}

}  // namespace bongsu::journal
