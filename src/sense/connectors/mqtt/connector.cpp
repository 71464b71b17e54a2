// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/mqtt/connector.hpp"

#include <algorithm>
#include <atomic>

#include "sense/connectors/mqtt/session.hpp"

namespace bongsu::mqtt {
namespace {

/// One broker with its sources.
struct Link {
  BrokerConfig broker;
  std::vector<std::shared_ptr<ingest::Source>> sources;
  std::shared_ptr<Session> session;
  std::atomic<LinkState> state{LinkState::kOff};

  const std::shared_ptr<ingest::Source>* SourceOf(std::string_view topic) const {
    for (const auto& source : sources) {
      if (std::ranges::any_of(ingest::OptionsOf<SourceOptions>(source->config).topics,
                              [&](const std::string& filter) { return ingest::TopicMatches(filter, topic); }))
        return &source;
    }
    return nullptr;
  }
};

class Connector final : public ingest::Connector {
 public:
  ~Connector() override { Stop(); }

  std::string_view kind() const override { return "mqtt"; }
  std::vector<config::FieldDoc> Arguments() const override { return config::FieldsOf<BrokerConfig>(); }
  std::vector<config::FieldDoc> SourceArguments() const override { return config::FieldsOf<SourceOptions>(); }
  Result<void> Configure(const yaml::Node& node, std::string_view file) override;
  Result<void> ReadSource(const yaml::Node& own, std::string_view file, ingest::SourceConfig& source) const override;
  Result<void> Start() override;  ///< @errors kInvalidArgument mqtt.*
  void Stop() override;
  void Describe(ingest::ConnectorStatus& status) const override;
  json::Value Ports() const override;

 private:
  Result<void> Open(const BrokerConfig& broker, std::vector<std::shared_ptr<ingest::Source>> sources,
                    std::size_t shard);

  std::vector<BrokerConfig> brokers_;
  Counter* unclaimed_ = nullptr;
  std::vector<std::shared_ptr<Link>> links_;
};

Result<void> Connector::Configure(const yaml::Node& node, std::string_view file) {
  std::vector<BrokerConfig> read;
  BONGSU_CHECK(config::Read(node, file, read));
  for (BrokerConfig& broker : read) {
    const auto same = std::ranges::find(brokers_, broker.id, &BrokerConfig::id);
    if (same != brokers_.end()) {
      *same = std::move(broker);
    } else {
      brokers_.push_back(std::move(broker));
    }
  }
  return {};
}

Result<void> Connector::ReadSource(const yaml::Node& own, std::string_view file, ingest::SourceConfig& source) const {
  BONGSU_CHECK(ingest::TakeOptions<SourceOptions>(own, file, source));
  if (ingest::OptionsOf<SourceOptions>(source).topics.empty())
    return ingest::BadSource(source, "an mqtt source wants topics");
  return {};
}

Result<void> Connector::Start() {
  unclaimed_ =
      &deps().metrics.Counter("bongsu_sense_mqtt_unclaimed_total", "Messages whose topic belongs to no source.");
  const auto all = Sources();
  for (const auto& source : all) {
    const std::string& wanted = ingest::OptionsOf<SourceOptions>(source->config).connector;
    const bool unknown = !wanted.empty() && std::ranges::find(brokers_, wanted, &BrokerConfig::id) == brokers_.end();
    if (unknown)
      return Fail(Code::kInvalidArgument, "mqtt.no_broker", "source '{}' wants connector '{}', which is not configured",
                  source->config.id, wanted);
  }
  std::size_t shard = 0;
  for (const BrokerConfig& broker : brokers_) {
    std::vector<std::shared_ptr<ingest::Source>> sources;
    for (const auto& source : all) {
      const std::string& wanted = ingest::OptionsOf<SourceOptions>(source->config).connector;
      if (wanted == broker.id || (wanted.empty() && &broker == brokers_.data())) sources.push_back(source);
    }
    if (sources.empty()) continue;
    BONGSU_CHECK(Open(broker, std::move(sources), shard++ % deps().shards.size()));
  }
  return {};
}

Result<void> Connector::Open(const BrokerConfig& broker, std::vector<std::shared_ptr<ingest::Source>> sources,
                             std::size_t shard) {
  auto link = std::make_shared<Link>();
  link->broker = broker;
  link->sources = std::move(sources);
  std::vector<std::string> filters;
  for (const auto& source : link->sources) {
    const auto& topics = ingest::OptionsOf<SourceOptions>(source->config).topics;
    filters.insert(filters.end(), topics.begin(), topics.end());
  }
  std::ranges::sort(filters);
  filters.erase(std::ranges::unique(filters).begin(), filters.end());

  Session::Events events;
  events.message = [this, weak = std::weak_ptr<Link>{link}](const Publish& message, Session::Settle settle) {
    const auto self = weak.lock();
    if (!self) return;
    const auto* const source = self->SourceOf(message.topic);
    if (source == nullptr || message.payload.size() > ingest::kMaxMessageBytes) {
      unclaimed_->Add();
      if (source != nullptr)
        deps().gate.Drop(*source, {Code::kTooLarge, "ingest.too_large",
                                   fmt::format("{} bytes on {}", message.payload.size(), message.topic)});
      return settle(Settled::kTaken);
    }
    ingest::Delivery delivery;
    delivery.topic = message.topic;
    delivery.format = "mqtt";
    delivery.rows.push_back({message.payload, std::nullopt});
    deps().gate.Submit(*source, std::move(delivery), [settle = std::move(settle)](const ingest::Outcome& outcome) {
      settle(outcome.again ? Settled::kAgain : Settled::kTaken);
    });
  };
  events.state = [this, weak = std::weak_ptr<Link>{link}](LinkState state, const Error& why) {
    const auto self = weak.lock();
    if (!self) return;
    self->state = state;
    if (!why.reason.empty()) {
      deps().log.Warn("mqtt.link", {{"broker", self->broker.id}, {"reason", why.reason}, {"detail", why.message}});
      for (const auto& source : self->sources) deps().gate.Report(source, why);
    } else if (state == LinkState::kConnected) {
      deps().log.Info("mqtt.connected", {{"broker", self->broker.id}});
    }
  };
  BONGSU_TRY(link->session, Session::Make(deps().shards, shard, broker, std::move(filters), std::move(events)));
  link->session->Start();
  links_.push_back(std::move(link));
  return {};
}

void Connector::Stop() {
  for (const auto& link : links_) {
    if (link->session) link->session->Stop();
  }
}

void Connector::Describe(ingest::ConnectorStatus& status) const {
  const bool silent = status.state == "silent";
  status.state = "off";
  for (const auto& link : links_) {
    const bool ours = std::ranges::any_of(link->sources, [&](const auto& source) {
      return source->config.id == status.source && source->config.tenant == status.tenant;
    });
    if (!ours) continue;
    status.address = link->broker.url;
    switch (link->state.load()) {
      case LinkState::kOff:
        status.state = "off";
        break;
      case LinkState::kConnecting:
        status.state = "connecting";
        break;
      case LinkState::kConnected:
        status.state = silent ? "silent" : "connected";
        break;
      case LinkState::kWaiting:
        status.state = "error";
        break;
    }
  }
}

json::Value Connector::Ports() const {
  json::Array urls;
  for (const BrokerConfig& broker : brokers_) urls.emplace_back(broker.url);
  return urls.empty() ? json::Value{} : json::Value{std::move(urls)};
}

}  // namespace

std::unique_ptr<ingest::Connector> Make() { return std::make_unique<Connector>(); }

}  // namespace bongsu::mqtt
