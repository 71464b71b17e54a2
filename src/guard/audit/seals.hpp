// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The ways on which signed seals leave the data directory, so that a tail cut off the journal shows. Each way fails
/// for itself: a seal vouches for the whole chain before it, so the next one that gets through makes up for those lost.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/record.hpp"

namespace bongsu::audit {

/// One way out.
class SealWay {
 public:
  SealWay() = default;
  SealWay(const SealWay&) = delete;
  SealWay& operator=(const SealWay&) = delete;
  virtual ~SealWay() = default;
  /// Seals that are on disk now, each as its line without the line's end. From any shard; never blocks.
  virtual void Send(const std::vector<std::string>& seals) = 0;
};

class Seals {
 public:
  void Add(std::unique_ptr<SealWay> way) { ways_.push_back(std::move(way)); }
  /// Desk records that are on disk now: sends the seals among them on every way. From any shard.
  void OnCommitted(std::span<const model::Record> records) const {
    std::vector<std::string> seals;
    for (const model::Record& record : records) {
      if (record.kind == model::Kind::kSeal) seals.push_back(record.payload);
    }
    if (seals.empty()) return;
    for (const auto& way : ways_) way->Send(seals);
  }

 private:
  std::vector<std::unique_ptr<SealWay>> ways_;
};

}  // namespace bongsu::audit
