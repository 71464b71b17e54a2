// SPDX-License-Identifier: Apache-2.0
#include "model/envelope.hpp"

#include <array>
#include <type_traits>

namespace bongsu::model {
namespace {

// Offsets of docs/formats/envelope.md; each field lies at a multiple of its own size.
constexpr std::size_t kLength = 0, kCrc = 4, kVersion = 8, kSchema = 9, kKind = 10, kPartition = 12, kTenant = 14;
constexpr std::size_t kSeq = 16, kEpoch = 24, kKeyId = 28, kWriterSeq = 32, kEventTime = 40, kIngestTime = 48;
constexpr std::size_t kWatermark = 56, kCausePartition = 64, kSourceLength = 66, kSubjectLength = 68, kActorLength = 70;
constexpr std::size_t kCauseSeq = 72, kDedupeHigh = 80, kDedupeLow = 88, kPayloadLength = 96, kReserved = 100;
static_assert(kReserved + 4 == kEnvelopeHeaderBytes);

constexpr std::size_t kMaxEnvelope = kEnvelopeHeaderBytes + 3 * kMaxEnvelopeText + kMaxEnvelopePayload;

template <class T>
void Put(char* header, std::size_t offset, T value) {
  auto bits = static_cast<std::make_unsigned_t<T>>(value);
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    header[offset + i] = static_cast<char>(bits & 0xFFU);
    bits = static_cast<decltype(bits)>(static_cast<std::uint64_t>(bits) >> 8U);
  }
}

template <class T>
T Get(std::string_view bytes, std::size_t offset) {
  std::uint64_t bits = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) bits = (bits << 8U) | static_cast<unsigned char>(bytes[offset + i]);
  return static_cast<T>(bits);
}

}  // namespace

Result<void> CheckEnvelope(const Record& record) {
  for (const std::string* text : {&record.source, &record.subject, &record.actor}) {
    if (text->size() > kMaxEnvelopeText) {
      return Fail(Code::kTooLarge, "envelope.too_large", "source, subject or actor of {} bytes, at most {}",
                  text->size(), kMaxEnvelopeText);
    }
  }
  if (record.payload.size() > kMaxEnvelopePayload) {
    return Fail(Code::kTooLarge, "envelope.too_large", "payload of {} bytes, at most {}", record.payload.size(),
                kMaxEnvelopePayload);
  }
  return {};
}

Result<void> EncodeEnvelope(std::string& out, const Record& record) {
  BONGSU_CHECK(CheckEnvelope(record));
  const std::size_t start = out.size();
  const std::size_t length = EnvelopeSize(record);
  out.reserve(start + length);

  std::array<char, kEnvelopeHeaderBytes> h{};
  Put(h.data(), kLength, static_cast<std::uint32_t>(length));
  Put(h.data(), kVersion, kEnvelopeVersion);
  Put(h.data(), kSchema, record.schema);
  Put(h.data(), kKind, static_cast<std::uint16_t>(record.kind));
  Put(h.data(), kPartition, record.position.partition);
  Put(h.data(), kTenant, record.tenant);
  Put(h.data(), kSeq, record.position.seq);
  Put(h.data(), kEpoch, record.epoch);
  Put(h.data(), kKeyId, record.key_id);
  Put(h.data(), kWriterSeq, record.writer_seq);
  Put(h.data(), kEventTime, ToMicros(record.event_time));
  Put(h.data(), kIngestTime, ToMicros(record.ingest_time));
  Put(h.data(), kWatermark, ToMicros(record.watermark));
  Put(h.data(), kCausePartition, record.cause.partition);
  Put(h.data(), kSourceLength, static_cast<std::uint16_t>(record.source.size()));
  Put(h.data(), kSubjectLength, static_cast<std::uint16_t>(record.subject.size()));
  Put(h.data(), kActorLength, static_cast<std::uint16_t>(record.actor.size()));
  Put(h.data(), kCauseSeq, record.cause.seq);
  Put(h.data(), kDedupeHigh, record.dedupe.high);
  Put(h.data(), kDedupeLow, record.dedupe.low);
  Put(h.data(), kPayloadLength, static_cast<std::uint32_t>(record.payload.size()));

  out.append(h.data(), h.size());
  out.append(record.source).append(record.subject).append(record.actor).append(record.payload);
  Put(out.data() + start, kCrc, Crc32(std::string_view(out).substr(start + kVersion)));
  return {};
}

Result<std::size_t> FirstEnvelopeLength(std::string_view stream) {
  if (stream.size() < kCrc) return 0;
  const std::size_t length = Get<std::uint32_t>(stream, kLength);
  if (length < kEnvelopeHeaderBytes || length > kMaxEnvelope) {
    return Fail(Code::kCorrupt, "envelope.bad_length", "an envelope of {} bytes, between {} and {} are possible",
                length, kEnvelopeHeaderBytes, kMaxEnvelope);
  }
  return stream.size() < length ? 0 : length;
}

Result<Record> DecodeEnvelope(std::string_view bytes) {
  if (bytes.size() < kEnvelopeHeaderBytes) {
    return Fail(Code::kCorrupt, "envelope.truncated", "{} bytes, an envelope has at least {}", bytes.size(),
                kEnvelopeHeaderBytes);
  }
  if (Get<std::uint32_t>(bytes, kLength) != bytes.size()) {
    return Fail(Code::kCorrupt, "envelope.bad_length", "{} bytes where the envelope says {}", bytes.size(),
                Get<std::uint32_t>(bytes, kLength));
  }
  if (Get<std::uint32_t>(bytes, kCrc) != Crc32(bytes.substr(kVersion))) {
    return Fail(Code::kCorrupt, "envelope.bad_crc", "checksum {:08x} does not fit {} bytes",
                Get<std::uint32_t>(bytes, kCrc), bytes.size());
  }
  if (const auto version = Get<std::uint8_t>(bytes, kVersion); version != kEnvelopeVersion) {
    return Fail(Code::kNotSupported, "envelope.version", "envelope version {}, this release reads {}", version,
                kEnvelopeVersion);
  }
  if (Get<std::uint32_t>(bytes, kReserved) != 0) {
    return Fail(Code::kNotSupported, "envelope.version", "the reserved field is in use; a later release wrote this");
  }
  const std::size_t source = Get<std::uint16_t>(bytes, kSourceLength),
                    subject = Get<std::uint16_t>(bytes, kSubjectLength);
  const std::size_t actor = Get<std::uint16_t>(bytes, kActorLength),
                    payload = Get<std::uint32_t>(bytes, kPayloadLength);
  if (kEnvelopeHeaderBytes + source + subject + actor + payload != bytes.size()) {
    return Fail(Code::kCorrupt, "envelope.bad_length", "parts of {}+{}+{}+{} bytes do not add up to {}", source,
                subject, actor, payload, bytes.size());
  }

  Record record;
  record.schema = Get<std::uint8_t>(bytes, kSchema);
  record.kind = static_cast<Kind>(Get<std::uint16_t>(bytes, kKind));
  record.position = {Get<std::uint16_t>(bytes, kPartition), Get<std::uint64_t>(bytes, kSeq)};
  record.tenant = Get<std::uint16_t>(bytes, kTenant);
  record.epoch = Get<std::uint32_t>(bytes, kEpoch);
  record.key_id = Get<std::uint32_t>(bytes, kKeyId);
  record.writer_seq = Get<std::uint64_t>(bytes, kWriterSeq);
  record.event_time = FromMicros(Get<std::int64_t>(bytes, kEventTime));
  record.ingest_time = FromMicros(Get<std::int64_t>(bytes, kIngestTime));
  record.watermark = FromMicros(Get<std::int64_t>(bytes, kWatermark));
  record.cause = {Get<std::uint16_t>(bytes, kCausePartition), Get<std::uint64_t>(bytes, kCauseSeq)};
  record.dedupe = Hash128{Get<std::uint64_t>(bytes, kDedupeHigh), Get<std::uint64_t>(bytes, kDedupeLow)};
  std::string_view rest = bytes.substr(kEnvelopeHeaderBytes);
  record.source = rest.substr(0, source);
  record.subject = rest.substr(source, subject);
  record.actor = rest.substr(source + subject, actor);
  record.payload = rest.substr(source + subject + actor);
  return record;
}

}  // namespace bongsu::model
