// SPDX-License-Identifier: Apache-2.0
#include "serve/notices/notice_routes.hpp"

#include <gtest/gtest.h>

#include "serve/desk/desk_fixture.hpp"

namespace bongsu::api {
namespace {

class NoticeRoutesTest : public DeskFixture {
 protected:
  Routes routes = NoticeRoutes(Find());
};

TEST_F(NoticeRoutesTest, SendsANoticeAndTicksItsStepInOneAct) {
  const std::string alarm = Take(Bell("B-0118", kNoon));
  const std::string incident = ToText(*alarms.Board()[0]->incident);

  const auto [status, notice] =
      Ask(routes, "POST", "/api/v1/notices",
          json::Object{{"incident", incident}, {"channel", "safety_net"}, {"kind", "report"}, {"step", 2}});

  EXPECT_EQ(status, 201);
  EXPECT_EQ(notice["peer"].AsString(), "112");
  EXPECT_EQ(notice["state"].AsString(), "intended");
  const incidents::Incident& row = *incidents.List(false)[0];
  EXPECT_EQ(row.procedure["steps"].AsArray()[1]["state"].AsString(), "done");
  ASSERT_EQ(row.notices.size(), 1U);
  EXPECT_EQ(row.notices[0]["id"], notice["id"]);
  EXPECT_EQ(Ask(routes, "GET", "/api/v1/notices?incident=" + incident).second["items"].AsArray().size(), 1U);
  EXPECT_EQ(Ask(routes, "GET", "/api/v1/notices?state=failed").second["items"].AsArray().size(), 0U);
}

TEST_F(NoticeRoutesTest, KeepsNothingOfASendingWhoseStepIsRefused) {
  Take(Bell("B-0118", kNoon));
  const std::string incident = ToText(*alarms.Board()[0]->incident);
  const std::size_t records = desk.records().size();

  const auto [status, problem] =
      Ask(routes, "POST", "/api/v1/notices",
          json::Object{{"incident", incident}, {"channel", "safety_net"}, {"kind", "report"}, {"step", 7}});

  EXPECT_EQ(status, 404);
  EXPECT_EQ(problem["reason"].AsString(), "step.unknown");
  EXPECT_EQ(desk.records().size(), records);
  EXPECT_TRUE(outbox.List().empty());
}

TEST_F(NoticeRoutesTest, RefusesAnAnswerNobodyAskedFor) {
  Take(Bell("B-0118", kNoon));
  const std::string incident = ToText(*alarms.Board()[0]->incident);
  const auto sent =
      Ask(routes, "POST", "/api/v1/notices", json::Object{{"incident", incident}, {"peer", "112"}, {"kind", "report"}});

  const auto [status, problem] =
      Ask(routes, "POST", "/api/v1/notices/" + std::string(sent.second["id"].AsString()) + "/answer",
          json::Object{{"answer", "was_sent"}});

  EXPECT_EQ(status, 409);
  EXPECT_EQ(problem["reason"].AsString(), "notice.no_question");
}

}  // namespace
}  // namespace bongsu::api
