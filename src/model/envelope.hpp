// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Envelope v1: one record as bytes, on disk and between nodes. Little-endian, every field of architecture D1b.
/// Byte by byte in docs/formats/envelope.md.
///
///   ┌ length u32 ┬ crc u32 ┬ fixed fields, 96 bytes ┬ source ┬ subject ┬ actor ┬ payload ┐
///   0            4         8                        104 ...                              length

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/record.hpp"

namespace bongsu::model {

inline constexpr std::uint8_t kEnvelopeVersion = 1;
inline constexpr std::size_t kEnvelopeHeaderBytes = 104;
inline constexpr std::size_t kMaxEnvelopeText = 65'535;         ///< Bytes of source, of subject, of actor.
inline constexpr std::size_t kMaxEnvelopePayload = 16U << 20U;  ///< Bytes.

/// Bytes that EncodeEnvelope would give.
inline std::size_t EnvelopeSize(const Record& record) {
  return kEnvelopeHeaderBytes + record.source.size() + record.subject.size() + record.actor.size() +
         record.payload.size();
}

/// Whether `record` fits into an envelope.
/// @errors kTooLarge envelope.too_large
Result<void> CheckEnvelope(const Record& record);

/// Appends `record` to `out`; leaves `out` as it was on error.
/// @errors kTooLarge envelope.too_large
Result<void> EncodeEnvelope(std::string& out, const Record& record);

/// Reads one record that fills `bytes` exactly. Any changed byte and any truncation is an error.
/// @errors kCorrupt      envelope.truncated | envelope.bad_length | envelope.bad_crc
///         kNotSupported envelope.version   written by a later release
Result<Record> DecodeEnvelope(std::string_view bytes);

/// Length of the first envelope of a stream of them; 0 when fewer than its bytes are there.
/// @errors kCorrupt envelope.bad_length
Result<std::size_t> FirstEnvelopeLength(std::string_view stream);

}  // namespace bongsu::model
