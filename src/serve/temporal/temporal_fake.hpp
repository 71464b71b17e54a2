// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/ngsi/broker_fake.hpp"
#include "serve/temporal/routes.hpp"

namespace bongsu::temporal {

inline const std::string kTemporal = "/ngsi-ld/v1/temporal/entities";
inline const std::string kCar = "urn:ngsi-ld:Car:1";
inline const std::string kCarHistory = kTemporal + "/" + kCar;

/// A broker with an answer of at most 30 instances.
class TemporalTest : public ngsi::BrokerTest {
 protected:
  TemporalTest() { Serve(TemporalRoutes({service_, live_, 30})); }

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
};

}  // namespace bongsu::temporal
