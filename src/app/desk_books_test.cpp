// SPDX-License-Identifier: Apache-2.0
#include "app/desk_books.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "know/desk/checkpoint_store.hpp"
#include "model/subscription_record.hpp"
#include "scenario/run.hpp"

namespace bongsu::app {
namespace {

constexpr std::uint16_t kDesk = model::DeskPartition(guard::kPlatformTenant);

class DeskBooksTest : public testing::Test {
 protected:
  std::unique_ptr<DeskBooks> Empty() const {
    return std::make_unique<DeskBooks>(*crypto_, key_, incidents::StartProcedure{}, dispatch::Peers{});
  }
  static std::vector<desk::Checkpoint::Section> Sections(DeskBooks& books) {
    return desk::SectionsOf(books.Of(guard::kPlatformTenant));
  }
  static void FoldInto(DeskBooks& books, std::span<const model::Record> records) {
    for (const model::Record& record : records) {
      for (desk::Book* book : books.Of(guard::kPlatformTenant)) book->Fold(record);
    }
  }
  static void Load(DeskBooks& books, const std::vector<desk::Checkpoint::Section>& sections) {
    for (desk::Book* book : books.Of(guard::kPlatformTenant)) {
      book->Clear();
      for (const auto& section : sections) {
        if (section.name != book->name()) continue;
        for (std::size_t at = 0; at < section.rows.size();) {
          const std::size_t end = section.rows.find('\n', at);
          const auto row = json::Parse(section.rows.substr(at, end - at));
          ASSERT_TRUE(row) << row.error().message;
          const auto loaded = book->Load(*row);
          ASSERT_TRUE(loaded) << loaded.error().message;
          at = end + 1;
        }
      }
    }
  }
  /// Cut anywhere, kept and taken up again, the books end as if they had folded everything.
  void ExpectSameFromEveryCut(const std::vector<model::Record>& records, const std::string& what) const {
    const auto whole = Empty();
    FoldInto(*whole, records);
    const auto expected = Sections(*whole);
    const std::size_t step = std::max<std::size_t>(1, records.size() / 16);
    for (std::size_t cut = 0; cut <= records.size(); cut += step) {
      const auto before = Empty();
      FoldInto(*before, std::span{records}.first(cut));
      const auto after = Empty();
      Load(*after, Sections(*before));
      ASSERT_EQ(Sections(*after), Sections(*before)) << what << ": kept after " << cut << " records";
      FoldInto(*after, std::span{records}.subspan(cut));
      ASSERT_EQ(Sections(*after), expected) << what << ": gone on after " << cut << " records";
    }
  }

  static void Add(std::vector<model::Record>& records, model::Kind kind, std::string subject, std::string payload) {
    model::Record& record = records.emplace_back();
    record.kind = kind;
    record.position = {kDesk, records.size()};
    record.subject = std::move(subject);
    record.payload = std::move(payload);
    record.event_time = record.ingest_time =
        FromMicros(1'795'521'600'000'123 + static_cast<std::int64_t>(records.size()));
  }

  std::unique_ptr<crypto::CryptoPort> crypto_ = *crypto::MakeSodiumCrypto();
  crypto::SigningKey key_;
};

TEST_F(DeskBooksTest, EveryBookHasItsPartOfACheckpoint) {
  const auto books = Empty();

  for (const desk::Book* book : books->Of(guard::kPlatformTenant)) EXPECT_FALSE(book->name().empty());
}

TEST_F(DeskBooksTest, ADeskTakenUpFromACheckpointIsTheDeskThatFoldedEverything) {
  std::size_t records_in_all = 0;
  for (const auto& entry : std::filesystem::directory_iterator("tests/scenario")) {
    if (entry.path().extension() != ".city") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto script = scenario::ReadScript(text, entry.path().string());
    ASSERT_TRUE(script);

    std::vector<model::Record> records;
    const auto report = scenario::RunScript(*script, "packs", [&](scenario::Stage& stage) {
      ASSERT_TRUE(stage.room().journal().Read(kDesk, 1, [&](const model::Record& record) {
        records.push_back(record);
        return true;
      }));
    });

    ASSERT_TRUE(report) << report.error().message;
    ExpectSameFromEveryCut(records, entry.path().filename().string());
    records_in_all += records.size();
  }
  EXPECT_GT(records_in_all, 100U);
}

// What scenarios do not have: people, tokens, tenants, sign-ins, rule versions.
TEST_F(DeskBooksTest, PeopleTenantsAndTheAuditChainSurviveACheckpoint) {
  std::vector<model::Record> records;
  const auto add = [&](model::Kind kind, std::string subject, std::string payload) {
    Add(records, kind, std::move(subject), std::move(payload));
  };
  const auto audit = [&](const std::string& subject, const std::string& act) {
    model::Record unsealed;
    unsealed.kind = model::Kind::kAudit;
    const auto so_far = Empty();
    FoldInto(*so_far, records);
    add(model::Kind::kAudit, subject, {});
    records.back().payload = json::ToString(json::Object{
        {"action", act}, {"subject", subject}, {"actor", "a"}, {"from", "127.0.0.1"}, {"details", json::Object{}}});
    records.back().payload = so_far->audit.Link(records.back());
  };
  const auto user = [](const std::string& id, const std::string& name) {
    return R"({"op":"put","user":{"id":")" + id + R"(","name":")" + name +
           R"(","display":{"ko":"김","en":""},"role":"supervisor","password":"h","must_change":true,"locked":false,)" +
           R"("created_at":"2026-11-25T00:00:00Z"}})";
  };
  add(model::Kind::kTenant, "busan",
      R"({"ordinal":1,"id":"busan","name":{"ko":"부산","en":"Busan"},"time_zone":"Asia/Seoul"})");
  add(model::Kind::kUser, "u1", user("u1", "kim"));
  audit("u1", "session.refuse");
  audit("u1", "session.start");
  audit("u1", "session.refuse");
  add(model::Kind::kUser, "u1", R"({"op":"remove"})");
  add(model::Kind::kUser, "u2", user("u2", "kim"));
  add(model::Kind::kToken, "t1",
      R"({"op":"put","token":{"id":"t1","name":"n","role":"application","secret_hash":"s","created_at":"2026-11-25T00:00:00Z"}})");
  add(model::Kind::kConfig, "rules", R"({"version":"v7"})");
  audit("u2", "session.start");

  ExpectSameFromEveryCut(records, "people");

  const auto books = Empty();
  FoldInto(*books, records);
  const auto again = Empty();
  Load(*again, Sections(*books));
  EXPECT_EQ(again->accounts.accounts().UserByName("kim")->id, "u2");
  EXPECT_TRUE(again->accounts.accounts().UserByName("kim")->last_login);
  EXPECT_NE(again->accounts.accounts().TokenBySecret("s"), nullptr);
  EXPECT_EQ(again->audit.head(), books->audit.head());
  EXPECT_EQ(again->audit.NextDue(), books->audit.NextDue());
  EXPECT_EQ(again->rules.version(), "v7");
  ASSERT_NE(again->tenants.Find("busan"), nullptr);
}

TEST_F(DeskBooksTest, SubscriptionsAndHostedContextsSurviveACheckpoint) {
  std::vector<model::Record> records;
  const auto subscribe = [&](const std::string& id, const std::string& more, bool wakes) {
    Add(records, model::kSubscription, id,
        R"({"op":"put","body":{"type":"Subscription",)" + more +
            R"("notification":{"join":"flat","endpoint":{"uri":"http://here/n"}}},"context":["http://c/1",{"A":"http://a"}],)" +
            R"("link":"http://here/c/1","tenantHeader":"busan")" + (wakes ? R"(,"wakes":true})" : "}"));
  };
  const auto count = [&](const std::string& id, int sent, const std::string& status) {
    Add(records, model::kSubscriptionState, "subscriptions",
        fmt::format(R"({{"statistics":{{"{}":{{"timesSent":{},"timesFailed":1,"status":"{}",)"
                    R"("lastNotification":"2026-11-25T00:00:00.000001Z","lastSuccess":"2026-11-25T00:00:00Z"}}}}}})",
                    id, sent, status));
  };
  const auto host = [&](const std::string& id, const std::string& kind, const std::string& document) {
    Add(records, model::kLdContext, id, R"({"op":"put","kind":")" + kind + R"(","document":)" + document + "}");
  };
  host("c1", "Hosted", R"({"A":"http://a","B":{"@id":"http://b","@type":"@id"}})");
  subscribe("urn:s:1", R"("entities":[{"type":"http://t"}],"expiresAt":"2099-01-01T00:00:00Z",)", true);
  host("c2", "ImplicitlyCreated", R"(["http://c/1",{"한":"http://han"}])");
  subscribe("urn:s:2", R"("q":"a>1|b{c}==2","watchedAttributes":["http://x"],"isActive":false,)", true);
  count("urn:s:1", 7, "gap");
  subscribe("urn:s:1", R"("entities":[{"type":"http://t2"}],)", false);
  Add(records, model::kLdContext, "c1", R"({"op":"delete"})");
  count("urn:s:2", 3, "failed");
  Add(records, model::kSubscription, "urn:s:2", R"({"op":"delete"})");
  count("urn:s:2", 4, "ok");
  subscribe("urn:s:2", R"("entities":[{"type":"http://t3"}],)", true);
  count("urn:s:1", 9, "ok");
  host("c1", "Hosted", R"({"A":"http://a2"})");
  subscribe("urn:s:1", R"("isActive":true,"entities":[{"type":"http://t2"}],)", true);
  Add(records, model::kLdContext, "c2", R"({"op":"delete"})");

  ExpectSameFromEveryCut(records, "subscriptions");

  const auto books = Empty();
  FoldInto(*books, records);
  const auto again = Empty();
  Load(*again, Sections(*books));
  const notifications::Subscription* one = again->subscriptions.Find("urn:s:1");
  const notifications::Subscription* same = books->subscriptions.Find("urn:s:1");
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(one->body, same->body);
  EXPECT_EQ(one->context, same->context);
  EXPECT_EQ(one->link, "http://here/c/1");
  EXPECT_EQ(one->tenant_header, "busan");
  EXPECT_EQ(one->created, same->created);
  EXPECT_EQ(one->modified, same->modified);
  EXPECT_EQ(one->active_since, records[13].ingest_time);
  EXPECT_EQ(one->statistics.times_sent, 9U);
  EXPECT_FALSE(one->statistics.gap);
  EXPECT_EQ(again->subscriptions.Find("urn:s:2")->created, records[10].ingest_time);
  EXPECT_EQ(again->subscriptions.Find("urn:s:2")->statistics.times_sent, 0U) << "those of the deleted one are not its";
  EXPECT_EQ(again->ld_contexts.Find("c1")->document, books->ld_contexts.Find("c1")->document);
  EXPECT_EQ(again->ld_contexts.Find("c2"), nullptr);
  EXPECT_TRUE(again->ld_contexts.all().at("c2").deleted) << "subscriptions still read it";
  EXPECT_EQ(again->ld_contexts.all().at("c2").kind, ngsi::ContextKind::kImplicit);
}

}  // namespace
}  // namespace bongsu::app
