// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A checkpoint of a desk: what its books hold after one record of its partition. State = newest checkpoint + fold of
/// the records after it (architecture D1). Layout byte by byte: docs/formats/checkpoint.md.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace bongsu::desk {

struct Checkpoint {
  struct Section {
    std::string name;  ///< Of the book.
    std::string rows;  ///< Rows of Book::Save, a line each.
    friend bool operator==(const Section&, const Section&) = default;
  };

  std::uint16_t partition = 0;
  std::uint64_t seq = 0;    ///< Newest record that is folded in.
  TimePoint ingest_time{};  ///< Of that record.
  Hash128 record;           ///< Hash of that record's envelope: another record in its place makes the checkpoint void.
  std::vector<Section> sections;

  const Section* Find(std::string_view name) const;
};

std::string EncodeCheckpoint(const Checkpoint& checkpoint);
/// @errors kCorrupt checkpoint.bad      kNotSupported checkpoint.version
Result<Checkpoint> DecodeCheckpoint(std::string_view bytes);

}  // namespace bongsu::desk
