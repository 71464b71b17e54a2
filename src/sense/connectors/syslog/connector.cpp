// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/syslog/connector.hpp"

#include "sense/connectors/syslog/route.hpp"
#include "sense/connectors/syslog/session.hpp"

namespace bongsu::syslog {
namespace {

constexpr std::chrono::milliseconds kFullPause{200};

}  // namespace

struct Connector::Listener : std::enable_shared_from_this<Listener> {
  Listener(runtime::Shards& all, ingest::Gate& to, const Log& log_to, Metrics& metrics, Router by)
      : shards{all}, gate{to}, log{log_to}, router{std::move(by)},
        unclaimed{metrics.Counter("bongsu_sense_syslog_unclaimed_total", "Syslog messages that belong to no source.")},
        broken{metrics.Counter("bongsu_sense_syslog_broken_total", "Syslog messages and streams that made no sense.")} {}

  void OnMessage(std::string message, std::uint32_t peer, std::function<void()> taken) {
    // Read once to see whose it is; the gate takes the document and keeps the bytes for quarantine.
    static const ingest::Zone kUtc{};
    auto document = Decode(message, TimePoint{}, kUtc);
    if (!document) {
      broken.Add();
      document = json::Value{json::Object{}};  // its sender may still be known by its address: then it is held
    }
    const auto source = router.Find(*document, peer);
    if (!source) {
      unclaimed.Add();
      if (taken) taken();
      return;
    }
    Submit(source, std::move(message), std::move(taken));
  }

  void Submit(const std::shared_ptr<ingest::Source>& source, std::string message, std::function<void()> taken) {
    ingest::Delivery delivery;
    delivery.format = "syslog";
    delivery.rows.push_back({message, std::nullopt});
    gate.Submit(source, std::move(delivery), [self = shared_from_this(), source, message = std::move(message), taken = std::move(taken)](const ingest::Outcome& outcome) mutable {
      if (!outcome.again) {
        if (taken) taken();
      } else if (!taken) {
        self->gate.Drop(source, *outcome.again);
      } else {  // a stream waits, and its sender with it
        const std::size_t current = self->shards.Current();
        self->shards.After(current < self->shards.size() ? current : 0, kFullPause, [self, source, message = std::move(message), taken = std::move(taken)]() mutable {
          self->Submit(source, std::move(message), std::move(taken));
        });
      }
    });
  }

  void OnBroken(const Error& why) {
    broken.Add();
    log.Warn("syslog.stream", {{"reason", why.reason}, {"detail", why.message}});
  }

  runtime::Shards& shards;
  ingest::Gate& gate;
  const Log& log;
  Router router;
  Counter& unclaimed;
  Counter& broken;
  ingest::SyslogConfig config;
  std::shared_ptr<Socket> udp, tcp;
};

Connector::Connector(runtime::Shards& shards, ingest::Gate& gate, const Log& log, Metrics& metrics)
    : shards_{shards}, gate_{gate}, log_{log}, metrics_{metrics} {}

Connector::~Connector() { Stop(); }

Result<void> Connector::Start(const ingest::SyslogConfig& config) {
  if (config.udp.empty() && config.tcp.empty()) return {};
  BONGSU_TRY(Router router, Router::Make(gate_.sources()));
  auto listener = std::make_shared<Listener>(shards_, gate_, log_, metrics_, std::move(router));
  listener->config = config;
  const Events events{
      .message = [listener](std::string message, std::uint32_t peer, std::function<void()> taken) { listener->OnMessage(std::move(message), peer, std::move(taken)); },
      .broken = [listener](const Error& why) { listener->OnBroken(why); }};
  if (!config.udp.empty()) {
    BONGSU_TRY(listener->udp, ListenUdp(shards_, 0, config.udp, events));
  }
  if (!config.tcp.empty()) {
    BONGSU_TRY(listener->tcp, ListenTcp(shards_, 1 % shards_.size(), config.tcp, static_cast<std::size_t>(config.max_connections), events));
  }
  listener_ = std::move(listener);
  return {};
}

void Connector::Stop() {
  if (!listener_) return;
  if (const auto udp = std::exchange(listener_->udp, nullptr)) udp->Stop();
  if (const auto tcp = std::exchange(listener_->tcp, nullptr)) tcp->Stop();
}

std::uint16_t Connector::udp_port() const { return listener_ && listener_->udp ? listener_->udp->port() : 0; }
std::uint16_t Connector::tcp_port() const { return listener_ && listener_->tcp ? listener_->tcp->port() : 0; }

void Connector::Describe(std::vector<ingest::ConnectorStatus>& statuses) const {
  for (ingest::ConnectorStatus& status : statuses) {
    if (status.kind != "syslog") continue;
    if (!listener_) {
      status.state = "off";
      continue;
    }
    if (udp_port() != 0) status.address = fmt::format("udp:{}", udp_port());
    if (tcp_port() != 0) status.address += fmt::format("{}tcp:{}", status.address.empty() ? "" : " ", tcp_port());
  }
}

}  // namespace bongsu::syslog
