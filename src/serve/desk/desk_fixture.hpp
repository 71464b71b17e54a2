// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A whole desk behind its routes, for tests: no sockets, no threads, time by hand.

#include <gtest/gtest.h>

#include "know/desk/fake_desk.hpp"
#include "serve/desk/tenant_desk.hpp"

namespace bongsu::api {

inline constexpr TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};

/// A journal that holds the events a test puts into it.
class FakeEvents final : public journal::JournalPort {
 public:
  std::map<model::Position, model::Record> records;

  journal::AppendResult Append(std::span<model::Record>) override { return {}; }
  Result<std::uint64_t> Read(std::uint16_t, std::uint64_t from,
                             const std::function<bool(const model::Record&)>&) const override {
    return from;
  }
  Result<model::Record> At(model::Position position) const override {
    const auto found = records.find(position);
    if (found == records.end()) return Fail(Code::kNotFound, "journal.no_record", "no record");
    return found->second;
  }
  journal::Range RangeOf(std::uint16_t) const override { return {}; }
  std::vector<std::uint16_t> Partitions() const override { return {}; }
  std::uint16_t partitions() const override { return 16; }
  Result<std::uint32_t> Claim(TimePoint) override { return 1U; }
};

class DeskFixture : public ::testing::Test {
 protected:
  DeskFixture() {
    EXPECT_TRUE(library.Add(R"(
id: bell
version: 3
title: {ko: 비상벨, en: Emergency bell}
manual: true
steps:
  - {text: {ko: 응답, en: Answer}, due: 10s}
  - text: {ko: 112 통보, en: Tell 112}
    action: {kind: notify, peer: "112", label: {ko: 통보, en: Notify}}
  - {text: {ko: 종결, en: Close}}
)",
                            "bell.yaml"));
    desk.Keep(alarms);
    desk.Keep(incidents);
    desk.Keep(procedures);
    desk.Keep(outbox);
    tenant->desk = &desk;
    tenant->alarms = &alarms;
    tenant->incidents = &incidents;
    tenant->procedures = &procedures;
    tenant->outbox = &outbox;
    tenant->journal = &journal;
    tenant->post = [](const std::function<void()>& work) { work(); };
    tenant->blocking = [](const std::function<void()>& work) {
      work();
      return true;
    };
  }

  model::Finding Bell(std::string_view device, TimePoint at) const {
    model::Finding finding;
    finding.tenant = 1;
    finding.rule = "bell-press";
    finding.rule_version = "1";
    finding.key = device;
    finding.entity = fmt::format("urn:ngsi-ld:EmergencyBell:{}", device);
    finding.id = model::FindingId(1, finding.rule, finding.key, at);
    finding.first_at = finding.last_at = finding.received_at = at;
    finding.severity = 2;
    finding.title = {"비상벨", "Emergency bell"};
    finding.service = "safety";
    finding.procedure = "bell";
    finding.sources = {"bell-gateway"};
    return finding;
  }
  std::string Take(const model::Finding& finding) {
    (void)desk.Do([&](desk::DeskBatch& batch) {
      alarms.OnFinding(finding, batch);
      return Result<json::Value>{nullptr};
    });
    return ToText(Hash128{model::AlarmIdOf(finding.tenant, finding.rule, finding.key)});
  }
  FindDesk Find() {
    return [this](const guard::Principal&) { return tenant; };
  }
  /// Sends a request through `routes` and gives the answer with its body read.
  std::pair<int, json::Value> Ask(const Routes& routes, std::string method, const std::string& target,
                                  const json::Value& body = {}) {
    Call call;
    call.caller = caller;
    call.request.method = method;
    const std::size_t question = std::min(target.find('?'), target.size());
    std::vector<std::string> segments;
    for (std::size_t at = 1; at < question;) {
      const std::size_t end = std::min(target.find('/', at), question);
      segments.push_back(target.substr(at, end - at));
      at = end + 1;
    }
    if (question < target.size()) call.request.query = *http::ParseQuery(std::string_view{target}.substr(question + 1));
    if (!body.IsNull()) call.request.body = json::ToString(body);
    const Router router{routes};
    const auto found = router.Find(method, segments);
    if (!found) return {HttpStatus(found.error().code), nullptr};
    call.params = found->params;
    std::pair<int, json::Value> answer{0, nullptr};
    found->route->handler(std::move(call), [&](const http::Response& response) {
      answer = {response.status, json::Parse(response.body).value_or(json::Value{})};
    });
    return answer;
  }

  sop::Library library;
  desk::FakeDesk desk{kNoon};
  alarms::AlarmBook alarms;
  incidents::IncidentBook incidents{
      [this](std::string_view id, std::string_view service, TimePoint at) { return library.Start(id, service, at); }};
  sop::ProcedureBook procedures;
  dispatch::OutboxBook outbox{[] {
    dispatch::Peers peers;
    peers["112"].id = "112";
    peers["112"].name.ko = "경찰 112";
    peers["112"].channel = "safety_net";
    return peers;
  }()};
  FakeEvents journal;
  std::shared_ptr<TenantDesk> tenant = std::make_shared<TenantDesk>();
  guard::Principal caller = [] {
    guard::Principal kim;
    kim.known = true;
    kim.tenant = 1;
    kim.id = "00000000000000000000000KIM";
    kim.name = "김상황";
    return kim;
  }();
};

}  // namespace bongsu::api
