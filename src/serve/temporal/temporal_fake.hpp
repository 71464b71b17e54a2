// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "know/journal/memory_journal_fake.hpp"
#include "know/store/rocks_state.hpp"
#include "runtime/committer.hpp"
#include "serve/ngsi/routes.hpp"
#include "serve/temporal/routes.hpp"

namespace bongsu::temporal {

inline const std::string kTemporal = "/ngsi-ld/v1/temporal/entities";
inline const std::string kCar = "urn:ngsi-ld:Car:1";
inline const std::string kCarHistory = kTemporal + "/" + kCar;

/// A broker behind the real committer, with an answer of at most 30 instances.
class TemporalTest : public ::testing::Test {
 protected:
  TemporalTest() {
    EXPECT_TRUE(live_.Recover());
    committer_.SetSink([this](std::size_t shard, std::span<const model::Record* const> records) {
      live_.OnCommitted(shard, records);
    });
    EXPECT_TRUE(committer_.Start());
    shards_.Start();
  }
  ~TemporalTest() override {
    committer_.Stop();
    pool_.Stop();
    shards_.Stop();
    std::filesystem::remove_all(folder_);
  }

  static std::string MakeFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bongsu-temporal-XXXXXX").string();
    return mkdtemp(pattern.data());
  }

  http::Response Send(const std::string& method, const std::string& target, const std::string& body = {}) {
    api::Call call;
    const auto question = target.find('?');
    call.request.method = method;
    call.request.path = target.substr(0, question);
    if (question != std::string::npos) call.request.query = http::ParseQuery(target.substr(question + 1)).value();
    for (std::string rest = call.request.path; !rest.empty();) {
      rest.erase(0, 1);
      const auto end = std::min(rest.find('/'), rest.size());
      call.request.segments.push_back(http::PercentDecode(rest.substr(0, end)).value());
      rest.erase(0, end);
    }
    call.request.headers.emplace_back("Content-Type", "application/json");
    call.request.has_content_length = method != "GET" && method != "DELETE";
    call.request.body = body;
    call.caller.known = true;
    call.caller.tenant_name = "default";
    const auto found = router_.Find(method, call.request.segments).value();
    std::promise<http::Response> answer;
    auto future = answer.get_future();
    shards_.Post(asked_++ % 2, [&] {
      found.route->handler(std::move(call), [&](http::Response response) { answer.set_value(std::move(response)); });
    });
    return future.get();
  }

  json::Value Get(const std::string& target, int status = 200) {
    const auto response = Send("GET", target);
    EXPECT_EQ(response.status, status) << target << " " << response.body;
    return json::Parse(response.body).value_or(json::Value{});
  }

  void Expect(const http::Response& response, int status, const std::string& type = {}) {
    EXPECT_EQ(response.status, status) << response.body;
    const auto body = json::Parse(response.body).value_or(json::Value{});
    const std::string got{body["type"].AsString()};
    if (!type.empty()) {
      EXPECT_EQ(got.substr(got.rfind('/') + 1), type) << response.body;
    }
  }

  static std::string At(int minute) { return fmt::format("2026-11-22T{:02}:{:02}:00Z", 10 + minute / 60, minute % 60); }

  static std::string Speed(int value, int minute, const std::string& more = {}) {
    return fmt::format(R"({{"type":"Property","value":{},"observedAt":"{}"{}}})", value, At(minute), more);
  }

  /// A car whose speed is 0, 1, 2 … a minute.
  void Drive(int minutes, const std::string& id = kCar) {
    std::string instances;
    for (int minute = 0; minute < minutes; ++minute) instances += (minute > 0 ? "," : "") + Speed(minute, minute);
    const auto response = Send("POST", kTemporal, R"({"id":")" + id + R"(","type":"Car","speed":[)" + instances + "]}");
    EXPECT_LT(response.status, 205) << response.body;
  }

  static std::vector<double> Numbers(const json::Value& instances) {
    std::vector<double> numbers;
    for (const auto& instance : instances.AsArray()) numbers.push_back(instance["value"].AsDouble());
    return numbers;
  }

  std::string folder_ = MakeFolder();
  ManualClock clock_{FromMicros(1'764'000'000'000'000)};
  Metrics metrics_;
  Log log_{Log::Level::kOff};
  runtime::Shards shards_{2};
  runtime::BlockingPool pool_{2, 100};
  journal::MemoryJournal journal_{4};
  std::unique_ptr<store::RocksState> state_ = store::RocksState::Open({folder_, false, 1 << 20}).value();
  runtime::Committer committer_{journal_, shards_, clock_, metrics_, log_};
  store::LiveContext live_{shards_, pool_, journal_, *state_, metrics_, log_, {{}, {std::chrono::hours{1}}}};
  ngsi::ContextService service_{shards_, committer_, clock_, {}, live_.contexts()};
  std::size_t asked_ = 0;
  api::Router router_{[this] {
    api::Routes all = TemporalRoutes({service_, live_, 30});
    std::ranges::move(ngsi::NgsiRoutes(service_), std::back_inserter(all));
    return all;
  }()};
};

}  // namespace bongsu::temporal
