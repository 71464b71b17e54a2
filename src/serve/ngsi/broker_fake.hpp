// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A broker behind the real committer and a state on disk, for tests of routes: what is written over NGSI-LD is what
/// they show.

#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "know/journal/memory_journal_fake.hpp"
#include "know/store/live_context.hpp"
#include "know/store/rocks_state.hpp"
#include "runtime/committer.hpp"
#include "serve/ngsi/routes.hpp"

namespace bongsu::ngsi {

class BrokerTest : public ::testing::Test {
 protected:
  /// @param memory_bytes  for attributes of entities; 0: no bound
  explicit BrokerTest(std::size_t memory_bytes = 0) : memory_bytes_{memory_bytes} {
    EXPECT_TRUE(live_.Recover());
    committer_.SetSink([this](std::size_t shard, std::span<const model::Record* const> records) {
      live_.WhenWhole(shard, records,
                      [this, shard](std::span<const model::Record* const> whole) { live_.OnCommitted(shard, whole); });
    });
    EXPECT_TRUE(committer_.Start());
    shards_.Start();
  }
  ~BrokerTest() override {
    committer_.Stop();
    pool_.Stop();
    shards_.Stop();
    std::filesystem::remove_all(folder_);
  }

  /// NGSI-LD and these, before the first request.
  void Serve(api::Routes routes) {
    std::ranges::move(NgsiRoutes(service_), std::back_inserter(routes));
    router_ = std::make_unique<api::Router>(std::move(routes));
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
    auto found = router_->Find(method, call.request.segments).value();
    call.params = std::move(found.params);
    std::promise<http::Response> answer;
    auto future = answer.get_future();
    // Requests are read on a shard, so handlers run on one.
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

  static std::string MakeFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bongsu-broker-XXXXXX").string();
    return mkdtemp(pattern.data());
  }

  const std::size_t memory_bytes_;
  std::string folder_ = MakeFolder();
  ManualClock clock_{FromMicros(1'764'000'000'000'000)};
  Metrics metrics_;
  Log log_{Log::Level::kOff};
  runtime::Shards shards_{2};
  runtime::BlockingPool pool_{2, 100};
  journal::MemoryJournal journal_{4};
  std::unique_ptr<store::RocksState> state_ = store::RocksState::Open({folder_, false, 1 << 20}).value();
  runtime::Committer committer_{journal_, shards_, clock_, metrics_, log_};
  store::LiveContext live_{shards_,
                           pool_,
                           journal_,
                           *state_,
                           metrics_,
                           log_,
                           {{}, {std::chrono::hours{1}}, {}, {.memory_bytes = memory_bytes_}}};
  ContextService service_{shards_, committer_, clock_, {}, live_.contexts()};

 private:
  std::unique_ptr<api::Router> router_;
  std::size_t asked_ = 0;
};

}  // namespace bongsu::ngsi
