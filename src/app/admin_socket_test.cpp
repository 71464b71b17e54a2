// SPDX-License-Identifier: Apache-2.0
#include "app/admin_socket.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "app/admin_client.hpp"
#include "guard/house_fake.hpp"

namespace bongsu::app {
namespace {

namespace fs = std::filesystem;

class AdminSocketTest : public ::testing::Test {
 protected:
  AdminSocketTest() {
    fs::create_directories(fs::path(data_) / "run");
    const auto reload = [this](const guard::Who& who, const guard::AccountOffice::Answer& answer) {
      reloaded_from_ = who.from;
      answer(json::Value{json::Object{{"version", "v2"}}});
    };
    auto opened = AdminSocket::Open(Socket(), house_.shards,
                                    {house_.office, house_.directory, house_.clock, reload,
                                     [] { return json::Value{json::Object{{"items", json::Array{}}}}; }},
                                    Log{Log::Level::kOff});
    EXPECT_TRUE(opened) << opened.error().message;
    if (opened) socket_ = std::move(*opened);
  }
  ~AdminSocketTest() override {
    socket_.reset();
    house_.Settle();
    fs::remove_all(::testing::TempDir() + "/" + folder_);
  }
  fs::path Socket() const { return fs::path(data_) / "run" / "admin.sock"; }
  /// What the command line gives, or the reason why not.
  std::pair<std::string, json::Value> Say(std::string_view noun, std::vector<std::string> words) {
    words.insert(words.begin() + 1, {"--data", data_});
    const auto parsed = ParseAdmin(noun, words);
    if (!parsed) return {parsed.error().reason, {}};
    auto answer = AskServer(parsed->data, parsed->request);
    if (!answer) return {answer.error().reason, {}};
    return {"", std::move(*answer)};
  }

  std::string folder_ = "admin" + std::to_string(::getpid());
  // Deeper than the 107 bytes that a socket's path may have.
  std::string data_ = ::testing::TempDir() + "/" + folder_ + "/" + std::string(120, 'd');
  guard::FakeHouse house_;
  std::string reloaded_from_;
  std::unique_ptr<AdminSocket> socket_;
};

TEST_F(AdminSocketTest, MakesATokenThatLetsARequestIn) {
  const auto [reason, made] = Say("token", {"create", "--role", "application", "--tenant", "default", "--json"});

  ASSERT_EQ(reason, "");
  EXPECT_EQ(made["id"].AsString().size(), 26U);
  http::Request request;
  request.method = "POST";
  request.headers = {{"Authorization", "Bearer " + std::string(made["token"].AsString())}};
  house_.Settle();
  EXPECT_EQ(house_.Who(request)->role, guard::Role::kApplication);
  EXPECT_EQ(Say("token", {"list"}).second["items"].AsArray().size(), 1U);
  EXPECT_EQ(Say("token", {"revoke", std::string(made["id"].AsString())}).first, "");
  EXPECT_EQ(Say("token", {"revoke", std::string(made["id"].AsString())}).first, "token.none");
}

TEST_F(AdminSocketTest, ManagesUsersByName) {
  const auto [reason, made] = Say("user", {"add", "kim", "--role", "administrator", "--display", "김관리"});
  ASSERT_EQ(reason, "");
  EXPECT_EQ(made["password"].AsString().size(), 19U);
  EXPECT_EQ(Say("user", {"add", "lee", "--role", "operator"}).first, "");
  EXPECT_EQ(Say("user", {"add", "lee", "--role", "operator"}).first, "user.exists");
  EXPECT_EQ(Say("user", {"add", "park", "--role", "king"}).first, "user.bad_role");

  EXPECT_TRUE(Say("user", {"disable", "lee"}).second["locked"].AsBool());
  EXPECT_FALSE(Say("user", {"enable", "lee"}).second["locked"].AsBool());
  EXPECT_EQ(Say("user", {"disable", "kim"}).first, "user.last_administrator");
  EXPECT_NE(Say("user", {"reset", "lee"}).second["password"].AsString(), "");
  EXPECT_EQ(Say("user", {"reset", "nobody"}).first, "user.none");
  EXPECT_EQ(Say("user", {"list"}).second["items"].AsArray().size(), 2U);
  const std::string& last = house_.DeskOf(0).desk.records().back().payload;
  EXPECT_NE(last.find("\"from\":\"host uid="), std::string::npos) << last;
}

TEST_F(AdminSocketTest, MakesTenantsAndTokensInThem) {
  EXPECT_EQ(Say("token", {"create", "--role", "application", "--tenant", "busan"}).first, "guard.no_tenant");
  EXPECT_EQ(Say("tenant", {"create", "busan", "--name", "부산"}).first, "");
  house_.Settle();

  EXPECT_EQ(Say("token", {"create", "--role", "application", "--tenant", "busan", "--expires", "90d"}).first, "");
  EXPECT_EQ(Say("token", {"create", "--role", "application", "--expires", "soon"}).first, "token.bad_expiry");
  EXPECT_EQ(Say("tenant", {"list"}).second["items"].AsArray().size(), 2U);
}

TEST_F(AdminSocketTest, ReloadsTheRulesForWhoeverRunsTheServer) {
  const auto [reason, answer] = Say("rules", {"reload"});

  EXPECT_EQ(reason, "");
  EXPECT_EQ(answer["version"].AsString(), "v2");
  EXPECT_TRUE(reloaded_from_.starts_with("host uid="));
  EXPECT_EQ(Say("rules", {"reload", "one"}).first, "app.usage");
}

TEST_F(AdminSocketTest, IsClosedToOthersAndGoneAfterwards) {
  struct stat status{};
  ASSERT_EQ(::stat(Socket().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);

  socket_.reset();

  EXPECT_FALSE(fs::exists(Socket()));
  EXPECT_EQ(Say("user", {"list"}).first, "admin.no_server");
}

TEST(AdminWordsTest, SayWhatIsMissing) {
  const auto reason = [](std::string_view noun, const std::vector<std::string>& words) {
    const auto parsed = ParseAdmin(noun, words);
    return parsed ? std::string{} : parsed.error().message;
  };

  EXPECT_EQ(reason("user", {}), "bongsu user needs a verb (see bongsu user --help)");
  EXPECT_EQ(reason("user", {"add", "kim"}), "--role is needed (see bongsu user --help)");
  EXPECT_NE(reason("user", {"add", "--role", "operator"}).find("usage: bongsu user add NAME"), std::string::npos);
  EXPECT_NE(reason("user", {"list", "extra"}).find("one word too many"), std::string::npos);
  EXPECT_NE(reason("token", {"create", "--role"}).find("needs a value"), std::string::npos);
  EXPECT_NE(reason("token", {"steal"}).find("no verb"), std::string::npos);
  EXPECT_NE(reason("hold", {"release", "H"}).find("--reason is needed"), std::string::npos);
  EXPECT_NE(reason("hold", {"place", "CASE-1", "--reason", "r"}).find("one word too many"), std::string::npos);
  for (const char* noun : {"user", "token", "tenant", "rules", "hold"})
    EXPECT_NE(AdminHelp(noun).find("--data DIR"), std::string::npos);
}

}  // namespace
}  // namespace bongsu::app
