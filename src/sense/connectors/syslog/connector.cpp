// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/syslog/connector.hpp"

#include "sense/connectors/syslog/codec.hpp"
#include "sense/connectors/syslog/route.hpp"
#include "sense/connectors/syslog/session.hpp"

namespace bongsu::syslog {
namespace {

constexpr std::chrono::milliseconds kFullPause{200};

struct Listener : std::enable_shared_from_this<Listener> {
  Listener(runtime::Shards& all, ingest::Gate& to, const Log& log_to, Metrics& metrics, Router by)
      : shards{all},
        gate{to},
        log{log_to},
        router{std::move(by)},
        unclaimed{metrics.Counter("bongsu_sense_syslog_unclaimed_total", "Syslog messages that belong to no source.")},
        broken{metrics.Counter("bongsu_sense_syslog_broken_total", "Syslog messages and streams that made no sense.")} {
  }

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
    gate.Submit(source, std::move(delivery),
                [self = shared_from_this(), source, message = std::move(message),
                 taken = std::move(taken)](const ingest::Outcome& outcome) mutable {
                  if (!outcome.again) {
                    if (taken) taken();
                  } else if (!taken) {
                    self->gate.Drop(source, *outcome.again);
                  } else {  // a stream waits, and its sender with it
                    const std::size_t current = self->shards.Current();
                    self->shards.After(
                        current < self->shards.size() ? current : 0, kFullPause,
                        [self, source, message = std::move(message), taken = std::move(taken)]() mutable {
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
  std::shared_ptr<Socket> udp, tcp;
};

class Connector final : public ingest::Connector {
 public:
  ~Connector() override { Stop(); }

  std::string_view kind() const override { return "syslog"; }
  ingest::Decoders Formats() const override { return {{"syslog", Decode}}; }
  std::vector<config::FieldDoc> Arguments() const override { return config::FieldsOf<ListenConfig>(); }
  std::vector<config::FieldDoc> SourceArguments() const override { return config::FieldsOf<SourceOptions>(); }
  Result<void> Configure(const yaml::Node& node, std::string_view file) override {
    return config::Load(node, file, config_);
  }
  Result<void> ReadSource(const yaml::Node& own, std::string_view file, ingest::SourceConfig& source) const override {
    return ingest::TakeOptions<SourceOptions>(own, file, source);
  }
  Result<void> Start()
      override;  ///< @errors kInvalidArgument syslog.bad_address, syslog.bad_network, kUnavailable syslog.cannot_listen
  void Stop() override;
  void Describe(ingest::ConnectorStatus& status) const override;
  json::Value Ports() const override;

 private:
  std::uint16_t udp_port() const {
    return listener_ && listener_->udp ? listener_->udp->port() : 0;
  }  ///< 0 when it does not listen.
  std::uint16_t tcp_port() const { return listener_ && listener_->tcp ? listener_->tcp->port() : 0; }

  ListenConfig config_;
  std::shared_ptr<Listener> listener_;
};

Result<void> Connector::Start() {
  if (config_.udp.empty() && config_.tcp.empty()) return {};
  BONGSU_TRY(Router router, Router::Make(deps().gate.sources()));
  auto listener = std::make_shared<Listener>(deps().shards, deps().gate, deps().log, deps().metrics, std::move(router));
  const Events events{.message =
                          [listener](std::string message, std::uint32_t peer, std::function<void()> taken) {
                            listener->OnMessage(std::move(message), peer, std::move(taken));
                          },
                      .broken = [listener](const Error& why) { listener->OnBroken(why); }};
  if (!config_.udp.empty()) {
    BONGSU_TRY(listener->udp, ListenUdp(deps().shards, 0, config_.udp, events));
  }
  if (!config_.tcp.empty()) {
    BONGSU_TRY(listener->tcp, ListenTcp(deps().shards, 1 % deps().shards.size(), config_.tcp,
                                        static_cast<std::size_t>(config_.max_connections), events));
  }
  listener_ = std::move(listener);
  return {};
}

void Connector::Stop() {
  if (!listener_) return;
  if (const auto udp = std::exchange(listener_->udp, nullptr)) udp->Stop();
  if (const auto tcp = std::exchange(listener_->tcp, nullptr)) tcp->Stop();
}

void Connector::Describe(ingest::ConnectorStatus& status) const {
  if (!listener_) {
    status.state = "off";
    return;
  }
  if (udp_port() != 0) status.address = fmt::format("udp:{}", udp_port());
  if (tcp_port() != 0) status.address += fmt::format("{}tcp:{}", status.address.empty() ? "" : " ", tcp_port());
}

json::Value Connector::Ports() const {
  json::Value ports;
  if (const auto port = udp_port(); port != 0) ports.Set("udp", static_cast<int>(port));
  if (const auto port = tcp_port(); port != 0) ports.Set("tcp", static_cast<int>(port));
  return ports;
}

}  // namespace

std::unique_ptr<ingest::Connector> Make() { return std::make_unique<Connector>(); }

}  // namespace bongsu::syslog
