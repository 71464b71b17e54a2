// SPDX-License-Identifier: Apache-2.0
#include "know/journal/memory_journal_fake.hpp"

#include <algorithm>
#include <utility>

#include "model/envelope.hpp"

namespace bongsu::journal {

// An entry is void when a claim of a higher epoch lies before it: it is then not stored as readable at all.
void MemoryJournal::Store(const model::Record& record) {
  std::uint32_t& claimed = claimed_[record.position.partition];
  if (record.epoch < claimed) return;
  if (record.kind == model::Kind::kClaim) claimed = record.epoch;
  log_[record.position.partition].push_back(record);
}

std::uint64_t MemoryJournal::LastSeq(std::uint16_t partition) const {
  const auto found = log_.find(partition);
  const std::uint64_t stored = found == log_.end() || found->second.empty() ? 0 : found->second.back().position.seq;
  const auto skipped = skipped_.find(partition);
  return std::max(stored, skipped == skipped_.end() ? 0 : skipped->second);
}

AppendResult MemoryJournal::Append(std::span<model::Record> records) {
  const std::lock_guard lock(mutex_);
  ++appends_;
  const Error not_owner{Code::kUnavailable, "journal.not_owner", "another writer claimed the journal"};
  if (!owner_) return {Outcome::kRefused, not_owner};
  if (auto refused = std::exchange(refused_, std::nullopt)) return {Outcome::kRefused, std::move(*refused)};
  for (model::Record& record : records) {
    record.epoch = epoch_;
    record.writer_seq = ++writer_seq_;
    // Reads its own record back: behind another's claim it is void.
    if (claimed_[record.position.partition] > epoch_) {
      owner_ = false;
      return {Outcome::kRefused, not_owner};
    }
  }
  const std::optional<bool> unknown = std::exchange(unknown_, std::nullopt);
  if (!unknown || *unknown) {
    for (const model::Record& record : records) Store(record);
  }
  if (unknown) {
    owner_ = false;
    return {Outcome::kUnknown, Error{Code::kUnavailable, "journal.unknown", "nobody knows"}};
  }
  return {Outcome::kDurable, {}};
}

Result<std::uint64_t> MemoryJournal::Read(std::uint16_t partition, std::uint64_t from_seq,
                                          const std::function<bool(const model::Record&)>& visit) const {
  std::vector<model::Record> found;
  std::uint64_t next = from_seq;
  {
    const std::lock_guard lock(mutex_);
    if (const auto entries = log_.find(partition); entries != log_.end()) {
      for (const model::Record& record : entries->second) {
        if (record.position.seq >= from_seq) found.push_back(record);
      }
    }
  }
  for (const model::Record& record : found) {
    next = record.position.seq + 1;
    if (!visit(record)) break;
  }
  return next;
}

Result<model::Record> MemoryJournal::At(model::Position position) const {
  const std::lock_guard lock(mutex_);
  if (const auto entries = log_.find(position.partition); entries != log_.end()) {
    for (const model::Record& record : entries->second) {
      if (record.position == position) return record;
    }
  }
  return Fail(Code::kNotFound, "journal.no_record", "partition {} has no seq {}", position.partition, position.seq);
}

Range MemoryJournal::RangeOf(std::uint16_t partition) const {
  const std::lock_guard lock(mutex_);
  Range range;
  range.last_seq = LastSeq(partition);
  if (const auto found = log_.find(partition); found != log_.end() && !found->second.empty()) {
    range.first_seq = found->second.front().position.seq;
  }
  return range;
}

std::vector<std::uint16_t> MemoryJournal::Partitions() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint16_t> found;
  for (const auto& [partition, entries] : log_) {
    if (!entries.empty()) found.push_back(partition);
  }
  return found;
}

void MemoryJournal::ClaimAll(std::uint32_t epoch, TimePoint now) {
  std::uint64_t writer_seq = 0;
  std::vector<std::uint16_t> all;
  all.reserve(partitions_ + log_.size());
  for (std::uint16_t partition = 0; partition < partitions_; ++partition) all.push_back(partition);
  for (const auto& [partition, entries] : log_) {
    if (partition >= partitions_) all.push_back(partition);
  }
  for (const std::uint16_t partition : all) {
    model::Record claim;
    claim.kind = model::Kind::kClaim;
    claim.position = {partition, LastSeq(partition) + 1};
    const auto found = log_.find(partition);
    const bool any = found != log_.end() && !found->second.empty();
    claim.ingest_time = any ? std::max(now, found->second.back().ingest_time + Duration{1}) : now;
    claim.event_time = claim.ingest_time;
    claim.tenant = any && partition >= model::kDeskBase ? found->second.back().tenant : std::uint16_t{0};
    claim.source = "journal";
    claim.payload = "{}";
    claim.epoch = epoch;
    claim.writer_seq = ++writer_seq;
    Store(claim);
  }
}

Result<std::uint32_t> MemoryJournal::Claim(TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (failing_claims_ > 0) {
    --failing_claims_;
    return Fail(Code::kUnavailable, "journal.io", "the log does not answer");
  }
  std::uint32_t highest = epoch_;
  for (const auto& [partition, epoch] : claimed_) highest = std::max(highest, epoch);
  epoch_ = highest + 1;
  ClaimAll(epoch_, now);
  writer_seq_ = log_.size();
  owner_ = true;
  return epoch_;
}

DiskRoom MemoryJournal::Room() const {
  const std::lock_guard lock(mutex_);
  return room_;
}
Result<void> MemoryJournal::Trim(std::uint16_t partition, std::uint64_t before_seq) {
  const std::lock_guard lock(mutex_);
  std::deque<model::Record>& entries = log_[partition];
  while (entries.size() > 1 && entries.front().position.seq < before_seq) entries.pop_front();
  return {};
}
std::uint64_t MemoryJournal::BytesOf(std::uint16_t partition, std::uint64_t from_seq, std::uint64_t until_seq) const {
  const std::lock_guard lock(mutex_);
  std::uint64_t bytes = 0;
  const auto entries = log_.find(partition);
  if (entries == log_.end()) return 0;
  for (const model::Record& record : entries->second) {
    if (record.position.seq >= from_seq && record.position.seq < until_seq) bytes += model::EnvelopeSize(record);
  }
  return bytes;
}
void MemoryJournal::NextUnknown(bool kept) {
  const std::lock_guard lock(mutex_);
  unknown_ = kept;
}
void MemoryJournal::NextRefused(Error error) {
  const std::lock_guard lock(mutex_);
  refused_ = std::move(error);
}
void MemoryJournal::FailClaims(int count) {
  const std::lock_guard lock(mutex_);
  failing_claims_ = count;
}
void MemoryJournal::SetRoom(DiskRoom room) {
  const std::lock_guard lock(mutex_);
  room_ = room;
}
void MemoryJournal::ClaimByOther(TimePoint now) {
  const std::lock_guard lock(mutex_);
  ClaimAll(epoch_ + 1, now);
}
void MemoryJournal::Skip(std::uint16_t partition, std::uint64_t seq) {
  const std::lock_guard lock(mutex_);
  skipped_[partition] = seq;
}
std::size_t MemoryJournal::appends() const {
  const std::lock_guard lock(mutex_);
  return appends_;
}

}  // namespace bongsu::journal
