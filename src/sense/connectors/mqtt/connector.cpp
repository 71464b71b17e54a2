// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/mqtt/connector.hpp"

#include <algorithm>

namespace bongsu::mqtt {

struct Connector::Link {
  ingest::MqttConfig broker;
  std::vector<std::shared_ptr<ingest::Source>> sources;
  std::shared_ptr<Session> session;
  std::atomic<LinkState> state{LinkState::kOff};

  const std::shared_ptr<ingest::Source>* SourceOf(std::string_view topic) const {
    for (const auto& source : sources) {
      if (std::ranges::any_of(source->config.topics, [&](const std::string& filter) { return ingest::TopicMatches(filter, topic); })) return &source;
    }
    return nullptr;
  }
};

Connector::Connector(runtime::Shards& shards, ingest::Gate& gate, const Log& log, Metrics& metrics)
    : shards_{shards}, gate_{gate}, log_{log},
      unclaimed_{metrics.Counter("bongsu_sense_mqtt_unclaimed_total", "Messages whose topic belongs to no source.")} {}

Connector::~Connector() { Stop(); }

Result<void> Connector::Start(const std::vector<ingest::MqttConfig>& brokers) {
  std::size_t shard = 0;
  for (const ingest::MqttConfig& broker : brokers) {
    std::vector<std::shared_ptr<ingest::Source>> sources;
    for (const auto& source : gate_.sources()) {
      const std::string& wanted = source->config.connector;
      if (source->config.kind == "mqtt" && (wanted == broker.id || (wanted.empty() && &broker == brokers.data()))) sources.push_back(source);
    }
    if (sources.empty()) continue;
    BONGSU_CHECK(Open(broker, std::move(sources), shard++ % shards_.size()));
  }
  for (const auto& source : gate_.sources()) {
    const bool unknown = source->config.kind == "mqtt" && !source->config.connector.empty() && std::ranges::find(brokers, source->config.connector, &ingest::MqttConfig::id) == brokers.end();
    if (unknown) return Fail(Code::kInvalidArgument, "mqtt.no_broker", "source '{}' wants connector '{}', which is not configured", source->config.id, source->config.connector);
  }
  return {};
}

Result<void> Connector::Open(const ingest::MqttConfig& broker, std::vector<std::shared_ptr<ingest::Source>> sources, std::size_t shard) {
  auto link = std::make_shared<Link>();
  link->broker = broker;
  link->sources = std::move(sources);
  std::vector<std::string> filters;
  for (const auto& source : link->sources) filters.insert(filters.end(), source->config.topics.begin(), source->config.topics.end());
  std::ranges::sort(filters);
  filters.erase(std::ranges::unique(filters).begin(), filters.end());

  Session::Events events;
  events.message = [this, weak = std::weak_ptr<Link>{link}](const Publish& message, Session::Settle settle) {
    const auto self = weak.lock();
    if (!self) return;
    const auto* const source = self->SourceOf(message.topic);
    if (source == nullptr || message.payload.size() > ingest::kMaxMessageBytes) {
      unclaimed_.Add();
      if (source != nullptr) gate_.Drop(*source, {Code::kTooLarge, "ingest.too_large", fmt::format("{} bytes on {}", message.payload.size(), message.topic)});
      return settle(Settled::kTaken);
    }
    ingest::Delivery delivery;
    delivery.topic = message.topic;
    delivery.format = "mqtt";
    delivery.rows.push_back({message.payload, std::nullopt});
    gate_.Submit(*source, std::move(delivery), [settle = std::move(settle)](const ingest::Outcome& outcome) {
      settle(outcome.again ? Settled::kAgain : Settled::kTaken);
    });
  };
  events.state = [this, weak = std::weak_ptr<Link>{link}](LinkState state, const Error& why) {
    const auto self = weak.lock();
    if (!self) return;
    self->state = state;
    if (!why.reason.empty()) {
      log_.Warn("mqtt.link", {{"broker", self->broker.id}, {"reason", why.reason}, {"detail", why.message}});
      for (const auto& source : self->sources) gate_.Report(source, why);
    } else if (state == LinkState::kConnected) {
      log_.Info("mqtt.connected", {{"broker", self->broker.id}});
    }
  };
  BONGSU_TRY(link->session, Session::Make(shards_, shard, broker, std::move(filters), std::move(events)));
  link->session->Start();
  links_.push_back(std::move(link));
  return {};
}

void Connector::Stop() {
  for (const auto& link : links_) {
    if (link->session) link->session->Stop();
  }
}

void Connector::Describe(std::vector<ingest::ConnectorStatus>& statuses) const {
  for (ingest::ConnectorStatus& status : statuses) {
    if (status.kind != "mqtt") continue;
    const bool silent = status.state == "silent";
    status.state = "off";
    for (const auto& link : links_) {
      const bool ours = std::ranges::any_of(link->sources, [&](const auto& source) { return source->config.id == status.source && source->config.tenant == status.tenant; });
      if (!ours) continue;
      status.address = link->broker.url;
      switch (link->state.load()) {
        case LinkState::kOff: status.state = "off"; break;
        case LinkState::kConnecting: status.state = "connecting"; break;
        case LinkState::kConnected: status.state = silent ? "silent" : "connected"; break;
        case LinkState::kWaiting: status.state = "error"; break;
      }
    }
  }
}

}  // namespace bongsu::mqtt
