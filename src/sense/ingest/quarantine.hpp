// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Messages that a mapping refused: kept in the journal with the reason, so that they can be put through again once the
/// mapping is mended. The id of a held message is its place in the journal.

#include <deque>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "model/record.hpp"

namespace bongsu::ingest {

inline constexpr std::size_t kMaxHeldBytes = 64U << 10U;  ///< Of one message; a larger one is refused.
inline constexpr std::size_t kMaxHeldPerSource = 1000;    ///< Held at once; past it messages are refused and counted.

/// Payload of a kQuarantine record.
struct Held {
  std::string source;
  std::string connector;
  std::string reason;
  std::string message;
  std::string topic;
  std::string format;    ///< Content type or format word; says how to read the bytes again.
  std::size_t rows = 1;  ///< Messages in it that were refused.
  std::string bytes;
  std::size_t size = 0;  ///< Of the bytes before they were sealed.
  std::string sealed;    ///< Its token where the bytes are sealed; then `bytes` is not written.
};

/// How the bytes of a sealed message begin.
inline constexpr std::string_view kSealedHeld = "~seal.message.";

std::string ToPayload(const Held& held);
/// @errors kCorrupt quarantine.bad_payload
Result<Held> HeldFromPayload(std::string_view payload);

/// A held message as lists show it; the bytes stay in the journal.
struct HeldItem {
  model::Position position;
  TimePoint received_at{};
  std::string source, connector, reason, message;
  std::size_t bytes = 0;
  std::string preview;
  std::string state = "held";  ///< held, replayed, discarded
};

HeldItem ItemOf(const Held& held, model::Position position, TimePoint received_at);
/// Schema Quarantined of api/openapi.yaml.
json::Value ToJson(const HeldItem& item);

std::string QuarantineId(model::Position position);
/// @errors kNotFound quarantine.unknown
Result<model::Position> PositionOfId(std::string_view id);

/// First letters of a message with longer runs of digits (telephone and card numbers, names of accounts) masked.
std::string MaskedPreview(std::string_view bytes);

/// What is held of one source.
class Quarantine {
 public:
  bool Full() const { return held_ >= kMaxHeldPerSource; }
  void Add(HeldItem item);
  void Done(model::Position position, std::string_view outcome);
  const std::deque<HeldItem>& items() const { return items_; }
  const HeldItem* Find(model::Position position) const;

 private:
  std::deque<HeldItem> items_;  ///< Oldest first; at most twice kMaxHeldPerSource.
  std::size_t held_ = 0;
};

}  // namespace bongsu::ingest
