// SPDX-License-Identifier: Apache-2.0
#include "model/envelope.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace bongsu::model {
namespace {

// Every field differs from every other and from its default.
Record FullRecord() {
  Record record;
  record.kind = Kind::kEvent;
  record.schema = 7;
  record.position = {0x0102, 0x0304050607080900ULL};
  record.epoch = 0x11121314;
  record.writer_seq = 0x2122232425262728ULL;
  record.tenant = 0x3132;
  record.event_time = FromMicros(1'795'500'000'123'456);
  record.ingest_time = FromMicros(1'795'500'001'654'321);
  record.source = "bell-jungang-17";
  record.watermark = FromMicros(-5);
  record.subject = "urn:ngsi-ld:EmergencyBell:17";
  record.actor = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  record.cause = {0x8001, 0x4142434445464748ULL};
  record.dedupe = Hash128{0x5152535455565758ULL, 0x6162636465666768ULL};
  record.key_id = 0x71727374;
  record.payload = R"({"type":"bell.press","text":"비상벨"})";
  return record;
}

std::string Encoded(const Record& record) {
  std::string bytes;
  EXPECT_TRUE(EncodeEnvelope(bytes, record));
  return bytes;
}

void ExpectSame(const Record& a, const Record& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.schema, b.schema);
  EXPECT_EQ(a.position, b.position);
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.writer_seq, b.writer_seq);
  EXPECT_EQ(a.tenant, b.tenant);
  EXPECT_EQ(a.event_time, b.event_time);
  EXPECT_EQ(a.ingest_time, b.ingest_time);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.watermark, b.watermark);
  EXPECT_EQ(a.subject, b.subject);
  EXPECT_EQ(a.actor, b.actor);
  EXPECT_EQ(a.cause, b.cause);
  EXPECT_EQ(a.dedupe, b.dedupe);
  EXPECT_EQ(a.key_id, b.key_id);
  EXPECT_EQ(a.payload, b.payload);
}

TEST(Envelope, GivesBackEveryField) {
  const auto back = DecodeEnvelope(Encoded(FullRecord()));

  ASSERT_TRUE(back) << back.error().message;
  ExpectSame(*back, FullRecord());
}

TEST(Envelope, HoldsAnEmptyRecordInItsHeader) {
  const std::string bytes = Encoded(Record{});

  EXPECT_EQ(bytes.size(), kEnvelopeHeaderBytes);
  const auto back = DecodeEnvelope(bytes);
  ASSERT_TRUE(back);
  ExpectSame(*back, Record{});
}

TEST(Envelope, RefusesEveryTruncation) {
  const std::string bytes = Encoded(FullRecord());

  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const auto back = DecodeEnvelope(std::string_view(bytes).substr(0, length));
    ASSERT_FALSE(back) << length;
    EXPECT_EQ(back.error().code, Code::kCorrupt) << length;
  }
  EXPECT_FALSE(DecodeEnvelope(bytes + '\0'));
}

TEST(Envelope, RefusesEveryFlippedByteAndEveryFlippedBit) {
  const std::string bytes = Encoded(FullRecord());

  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int mask : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ mask);
      ASSERT_FALSE(DecodeEnvelope(changed)) << "byte " << at << " mask " << mask;
    }
  }
}

TEST(Envelope, RefusesWhatDoesNotFitAndLeavesTheBufferAlone) {
  Record record;
  record.subject.assign(kMaxEnvelopeText + 1, 'x');
  std::string out = "before";

  const auto refused = EncodeEnvelope(out, record);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "envelope.too_large");
  EXPECT_EQ(out, "before");
}

TEST(Envelope, SaysWhenALaterReleaseWroteIt) {
  std::string bytes = Encoded(Record{});
  bytes[8] = 2;
  const std::uint32_t crc = Crc32(std::string_view(bytes).substr(8));
  for (std::size_t i = 0; i < 4; ++i) bytes[4 + i] = static_cast<char>((crc >> (8U * i)) & 0xFFU);

  const auto refused = DecodeEnvelope(bytes);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kNotSupported);
  EXPECT_EQ(refused.error().reason, "envelope.version");
}

TEST(Envelope, CutsAStreamIntoRecords) {
  const std::string one = Encoded(FullRecord());
  const std::string stream = one + Encoded(Record{});

  ASSERT_EQ(FirstEnvelopeLength(stream).value_or(1), one.size());
  EXPECT_EQ(FirstEnvelopeLength(std::string_view(stream).substr(one.size())).value_or(1), kEnvelopeHeaderBytes);
  EXPECT_EQ(FirstEnvelopeLength(std::string_view(one).substr(0, 50)).value_or(1), 0U);
  EXPECT_FALSE(FirstEnvelopeLength(std::string(8, '\0')));
}

// The golden file is never written again: bytes of a released layout stay readable for ever.
TEST(Envelope, StillReadsAndWritesTheGoldenBytesOfVersionOne) {
  std::ifstream file("tests/golden/envelope/v1-event.hex");
  ASSERT_TRUE(file) << "tests run in the repository root";
  std::string golden;
  for (std::string byte; file >> byte;) golden.push_back(static_cast<char>(std::stoi(byte, nullptr, 16)));

  const auto back = DecodeEnvelope(golden);

  ASSERT_TRUE(back) << back.error().message;
  ExpectSame(*back, FullRecord());
  EXPECT_EQ(Encoded(FullRecord()), golden);
}

}  // namespace
}  // namespace bongsu::model
