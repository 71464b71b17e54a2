// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "guard/audit/audited_desk_fake.hpp"
#include "guard/audit/verify.hpp"
#include "guard/crypto/bytes_text.hpp"

namespace bongsu::audit {
namespace {

constexpr TimePoint kNoon = FromMicros(1'795'300'000'000'000);

class AuditChain : public ::testing::Test {
 protected:
  AuditChain() {
    desk_.Keep(book_);
    desk_.LinkAudit([this](const model::Record& record) { return book_.Link(record); });
  }
  void Do(std::string_view act, std::string_view subject, const json::Value& details = {}) {
    desk_.Act("USER@10.1.2.3",
              [&](desk::DeskBatch& batch) {
                batch.Audit(act, subject, details);
                return Result<json::Value>{nullptr};
              },
              {});
  }
  Report Check(const std::vector<Seal>& outside = {}) { return *Verify(journal_, *crypto_, key_.open, outside); }
  Seal SealNow() { return MakeSeal(*crypto_, key_, 3, book_.head(), clock_.Now()); }

  ManualClock clock_{kNoon};
  std::unique_ptr<crypto::CryptoPort> crypto_ = std::move(*crypto::MakeSodiumCrypto());
  crypto::SigningKey key_ = crypto_->MakeSigningKey();
  AuditBook book_{*crypto_, key_};
  FakeAuditedDesk desk_{clock_, 3};
  FakeDeskJournal journal_{desk_.records()};
};

TEST_F(AuditChain, KeepsTheFiveItemsAndHoldsWhenNothingWasTouched) {
  json::Value details;
  details.Set("from", "what a request says is not believed");
  details.Set("reason", "shift change");
  details.Set("owner", "KIM");

  Do("incident.take", "INCIDENT", details);
  Do("incident.close", "INCIDENT");

  const auto link = ReadLink(desk_.records()[0].payload);
  ASSERT_TRUE(link);
  EXPECT_EQ(
      link->body,
      R"({"act":"incident.take","from":"10.1.2.3","reason":"shift change","what":{"from":"what a request says is not believed","owner":"KIM"},"result":"done"})");
  EXPECT_TRUE(Check().IsOk());
  EXPECT_EQ(Check().records, 2U);
}

TEST_F(AuditChain, FindsAChangedByteWhereverItIs) {
  for (int i = 0; i < 5; ++i) Do("alarm.acknowledge", "ALARM");

  const auto changed = [&](auto change) {
    const model::Record before = desk_.records()[2];
    change(desk_.records()[2]);
    const Report report = Check();
    desk_.records()[2] = before;
    return report;
  };
  const auto actor = changed([](model::Record& record) { record.actor = "OTHER"; });
  const auto time = changed([](model::Record& record) { record.event_time += 1us; });
  const auto body = changed([](model::Record& record) { record.payload[record.payload.size() - 4] ^= 1; });
  const auto number = changed([](model::Record& record) { record.payload[5] = '7'; });

  for (const Report& report : {actor, time, body}) {
    ASSERT_TRUE(report.first_bad);
    EXPECT_EQ(report.first_bad->position.seq, 3U);
    EXPECT_EQ(report.first_bad->reason, "audit.wrong_hash");
  }
  ASSERT_TRUE(number.first_bad);
  EXPECT_EQ(number.first_bad->reason, "audit.gap");
  EXPECT_TRUE(Check().IsOk());
}

TEST_F(AuditChain, FindsARecordThatWasTakenOut) {
  for (int i = 0; i < 5; ++i) Do("alarm.acknowledge", "ALARM");

  desk_.records().erase(desk_.records().begin() + 2);

  const Report report = Check();
  ASSERT_TRUE(report.first_bad);
  EXPECT_EQ(report.first_bad->position.seq, 4U);
  EXPECT_EQ(report.first_bad->reason, "audit.gap");
}

TEST_F(AuditChain, FindsACutTailByASealThatLeftTheHouse) {
  for (int i = 0; i < 5; ++i) Do("alarm.acknowledge", "ALARM");
  const Seal seal = SealNow();

  desk_.records().resize(3);

  EXPECT_TRUE(Check().IsOk()) << "without a seal nobody can know";
  EXPECT_TRUE(Check({seal}).cut_tail);
  EXPECT_FALSE(Check({seal}).IsOk());
  desk_.records().clear();
  EXPECT_TRUE(Check({seal}).cut_tail) << "a whole desk is gone";
}

TEST_F(AuditChain, FindsAChainRewrittenFromTheBeginning) {
  for (int i = 0; i < 3; ++i) Do("alarm.acknowledge", "ALARM");
  const Seal seal = SealNow();

  desk_.records().clear();
  desk_.Refold();
  for (int i = 0; i < 3; ++i) Do("alarm.acknowledge", "ANOTHER");

  const Report report = Check({seal});
  ASSERT_TRUE(report.first_bad);
  EXPECT_EQ(report.first_bad->reason, "audit.not_as_sealed");
}

TEST_F(AuditChain, IsSealedAMinuteAfterARecordAndNotWhenNothingHappened) {
  EXPECT_EQ(book_.NextDue(), kNever);
  Do("alarm.acknowledge", "ALARM");
  EXPECT_EQ(book_.NextDue(), kNoon + 60s);

  clock_.Advance(60s);
  desk_.Tick();

  ASSERT_EQ(desk_.records().size(), 2U);
  EXPECT_EQ(desk_.records()[1].kind, model::Kind::kSeal);
  EXPECT_EQ(book_.NextDue(), kNever);
  EXPECT_TRUE(Check().IsOk());
  EXPECT_EQ(Check().seals, 1U);
  desk_.Refold();
  EXPECT_EQ(book_.NextDue(), kNever) << "a restart knows what is sealed";
}

TEST_F(AuditChain, FindsASealThatAnotherKeySigned) {
  Do("alarm.acknowledge", "ALARM");
  clock_.Advance(60s);
  desk_.Tick();
  const crypto::SigningKey other = crypto_->MakeSigningKey();

  desk_.records()[1].payload = ToText(MakeSeal(*crypto_, other, 3, book_.head(), clock_.Now()));

  ASSERT_TRUE(Check().first_bad);
  EXPECT_EQ(Check().first_bad->reason, "audit.bad_seal");
  EXPECT_FALSE(Verify(journal_, *crypto_, key_.open, {MakeSeal(*crypto_, other, 3, book_.head(), kNoon)}));
}

TEST_F(AuditChain, AcceptsThatRetentionTookTheBeginning) {
  for (int i = 0; i < 5; ++i) Do("alarm.acknowledge", "ALARM");

  desk_.records().erase(desk_.records().begin(), desk_.records().begin() + 2);

  EXPECT_TRUE(Check().IsOk());
}

TEST_F(AuditChain, AnActThatFailedLeavesNoHoleInTheChain) {
  Do("alarm.acknowledge", "ALARM");
  desk_.RefuseNext();
  Do("alarm.close", "ALARM");
  Do("alarm.close", "ALARM");

  EXPECT_TRUE(Check().IsOk());
  EXPECT_EQ(Check().records, 2U);
  EXPECT_EQ(book_.head().n, 2U);
}

TEST_F(AuditChain, ReportsInTheAgreedWords) {
  Do("alarm.acknowledge", "ALARM");
  EXPECT_EQ(json::ToString(ToJson(Check())), R"({"ok":true,"records":1,"first_bad":null,"cut_tail":false,"seals":0})");

  desk_.records()[0].actor = "X";

  EXPECT_EQ(
      json::ToString(ToJson(Check())),
      R"({"ok":false,"records":1,"first_bad":{"seq":1,"reason":"audit.wrong_hash","partition":32771},"cut_tail":false,"seals":0})");
}

TEST_F(AuditChain, ASealFileReadsBackAndATornLastLineVouchesForNothing) {
  Do("alarm.acknowledge", "ALARM");
  const std::string path = ::testing::TempDir() + "/seals" + std::to_string(::getpid());
  std::ofstream(path) << ToText(SealNow()) << "\n" << R"({"tenant":3,"n":2,"he)";

  const auto seals = ReadSealFile(path);

  ASSERT_TRUE(seals) << seals.error().message;
  ASSERT_EQ(seals->size(), 1U);
  EXPECT_TRUE(IsGenuine(*crypto_, key_.open, seals->front()));
  EXPECT_EQ(seals->front().head, book_.head());
  std::remove(path.c_str());
}

}  // namespace
}  // namespace bongsu::audit
