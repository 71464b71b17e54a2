// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the attributes of one entity were told in one save. As long as samples are only added it is kept as the bytes
/// of a row of the tail, which is all that such a save writes of them. Bytes: docs/formats/history.md.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "know/history/change.hpp"

namespace bongsu::history {

/// One sample of a tail. The texts hold while it is visited.
struct TailSample {
  InstanceId id;
  bool deleted = false;
  std::string_view attribute;
  std::string_view dataset;
  std::string_view json;
};

Sample MakeSample(const TailSample& sample);

/// True when the whole tail of the entity is to be taken into its chunks with this record: about every 256th. Drawn
/// from the record itself, so no count of the tail is kept and a fold after a crash ends the same.
bool Seals(std::string_view entity, TimePoint recorded);

class SeriesChanges {
 public:
  /// One more sample, in the order of the journal.
  void Add(const TailSample& sample);
  /// Anything else than kAdd; what was added before comes before it.
  void Edit(Change change);
  void set_seals() { seals_ = true; }
  /// Puts behind this what came later.
  /// @errors kCorrupt history.bad_chunk
  Result<void> Append(const SeriesChanges& later);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// True when a row of the tail says it all and the tail is not to be sealed.
  bool OnlyTail() const { return edits_.empty() && !seals_ && records_ < kSealAtOnce; }
  /// The row, and the time it begins with: ingest time of its first record, of no other row of the entity.
  const std::string& tail() const { return tail_; }
  TimePoint first() const { return first_; }
  /// All of it in order. @errors kCorrupt history.bad_chunk
  Result<std::vector<Change>> All() const;

 private:
  static constexpr std::size_t kSealAtOnce = 128;  ///< Records of one save that need no tail.
  std::string tail_;
  std::vector<Change> edits_;  ///< From the first change on that the tail cannot say.
  TimePoint first_{};
  TimePoint last_{};
  std::uint32_t records_ = 0;
  std::uint32_t size_ = 0;
  bool seals_ = false;
};

/// @errors kCorrupt history.bad_chunk
Result<void> ReadTail(std::string_view row, const std::function<void(const TailSample&)>& visit);
/// The same as changes of kind kAdd, put behind `changes`.
Result<void> ReadTail(std::string_view row, std::vector<Change>& changes);

/// Samples of a row as StatePort gives them, a chunk or a tail, in order. @errors kCorrupt history.bad_chunk
Result<std::vector<Sample>> DecodeRow(std::string_view bytes);

}  // namespace bongsu::history
