// SPDX-License-Identifier: Apache-2.0
// Whatever byte is changed and wherever the tail is cut: with the seals from outside it shows. The forger knows the
// format and mends every checksum; what he does not have is the signing key.
#include <gtest/gtest.h>

#include <random>

#include "guard/audit/audited_desk_fake.hpp"
#include "guard/audit/verify.hpp"
#include "model/envelope.hpp"

namespace bongsu::audit {
namespace {

constexpr TimePoint kNoon = FromMicros(1'795'300'000'000'000);
// Envelope: epoch at 24 and writer_seq at 32 are the engine's own and say nothing about an act (docs/formats/audit.md).
bool IsOfTheEngine(std::size_t at) { return (at >= 24 && at < 28) || (at >= 32 && at < 40); }

std::string Mended(std::string bytes) {
  const std::uint32_t crc = Crc32(std::string_view(bytes).substr(8));
  for (std::size_t i = 0; i < 4; ++i) bytes[4 + i] = static_cast<char>((crc >> (8U * i)) & 0xFFU);
  return bytes;
}

class SealProperty : public ::testing::TestWithParam<unsigned> {
 protected:
  SealProperty() {
    desk_.Keep(book_);
    desk_.LinkAudit([this](const model::Record& record) { return book_.Link(record); });
  }
  void Do(std::string_view act) {
    desk_.Act("USER@10.1.2.3",
              [&](desk::DeskBatch& batch) {
                json::Value details;
                details.Set("reason", "shift change");
                batch.Audit(act, "ALARM", details);
                return Result<json::Value>{nullptr};
              },
              {});
  }
  /// Some acts, some minutes, a seal at the end.
  void Live(std::size_t acts) {
    for (std::size_t i = 0; i < acts; ++i) {
      Do(random_() % 2 == 0 ? "alarm.acknowledge" : "session.refuse");
      clock_.Advance(std::chrono::seconds(1 + random_() % 70));
      desk_.Tick();
    }
    clock_.Advance(61s);
    desk_.Tick();
  }
  /// What left the house until now.
  std::vector<Seal> SealsOutside() {
    std::vector<Seal> seals;
    for (const model::Record& record : desk_.records()) {
      if (record.kind == model::Kind::kSeal) seals.push_back(*SealFromText(record.payload));
    }
    return seals;
  }
  Report Check() { return *Verify(journal_, *crypto_, key_.open, outside_); }

  std::minstd_rand random_{GetParam()};
  ManualClock clock_{kNoon};
  std::unique_ptr<crypto::CryptoPort> crypto_ = std::move(*crypto::MakeSodiumCrypto());
  crypto::SigningKey key_ = crypto_->MakeSigningKey();
  AuditBook book_{*crypto_, key_};
  FakeAuditedDesk desk_{clock_, 3};
  FakeDeskJournal journal_{desk_.records()};
  std::vector<Seal> outside_;
};

TEST_P(SealProperty, AnyChangedByteIsFound) {
  Live(6);
  outside_ = SealsOutside();
  ASSERT_TRUE(Check().IsOk()) << Check().first_bad->reason;

  std::size_t changed = 0;
  for (std::size_t i = 0; i < desk_.records().size(); ++i) {
    const model::Record before = desk_.records()[i];
    std::string bytes;
    ASSERT_TRUE(model::EncodeEnvelope(bytes, before));
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      std::string touched = bytes;
      touched[at] = static_cast<char>(touched[at] ^ (1U << (random_() % 8)));
      EXPECT_FALSE(model::DecodeEnvelope(touched)) << "byte " << at << " by its checksum alone";
      auto record = model::DecodeEnvelope(Mended(touched));
      if (!record || IsOfTheEngine(at) || at < 8) continue;  // the engine refuses it, or nothing changed
      desk_.records()[i] = *record;
      const bool found = !Check().IsOk();
      desk_.records()[i] = before;
      EXPECT_TRUE(found) << "record " << i + 1 << " byte " << at;
      ++changed;
    }
  }
  EXPECT_GT(changed, 1'000U);
}

TEST_P(SealProperty, AnyCutTailIsFound) {
  Live(8);
  outside_ = {SealsOutside().back()};
  const std::vector<model::Record> whole = desk_.records();
  for (std::size_t left = 0; left < whole.size(); ++left) {
    desk_.records().assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(left));
    EXPECT_TRUE(Check().cut_tail) << left << " of " << whole.size() << " records are left";
  }
}

TEST_P(SealProperty, ATailThatWasWrittenAnewIsFound) {
  Live(6);
  outside_ = {SealsOutside().back()};
  const std::size_t keep = random_() % (desk_.records().size() - 1);

  desk_.records().resize(keep);
  desk_.Refold();
  while (book_.head().n < outside_.front().head.n) Do("alarm.close");

  EXPECT_FALSE(Check().IsOk());
}

INSTANTIATE_TEST_SUITE_P(Seeds, SealProperty, ::testing::Values(1U, 2U, 3U, 4U));

}  // namespace
}  // namespace bongsu::audit
