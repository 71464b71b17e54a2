// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/@NAME@/connector.hpp"

#include "sense/connectors/@NAME@/codec.hpp"
#include "sense/connectors/@NAME@/config.hpp"
#include "sense/connectors/@NAME@/session.hpp"

namespace bongsu::@NAME@ {
namespace {

class Connector final : public ingest::Connector {
 public:
  ~Connector() override { Stop(); }

  std::string_view kind() const override { return "@NAME@"; }
  ingest::Decoders Formats() const override {
    return {{"@NAME@", [](std::string_view bytes, TimePoint, const ingest::Zone&) { return Decode(bytes); }}};
  }
  std::vector<config::FieldDoc> SourceArguments() const override { return config::FieldsOf<SourceOptions>(); }
  Result<void> ReadSource(const yaml::Node& own, std::string_view file, ingest::SourceConfig& source) const override {
    return ingest::TakeOptions<SourceOptions>(own, file, source);
  }

  Result<void> Start() override {
    for (const auto& source : Sources()) {
      const auto& options = ingest::OptionsOf<SourceOptions>(source->config);
      const std::size_t shard = links_.size() % deps().shards.size();
      BONGSU_TRY(auto session, Session::Listen(deps().shards, shard, options.host, options.port,
                                               [this, source](std::string bytes) { Take(source, std::move(bytes)); }));
      links_.push_back({source, std::move(session)});
    }
    return {};
  }
  void Stop() override {
    for (Link& link : links_) link.session->Stop();
  }

  void Describe(ingest::ConnectorStatus& status) const override {
    for (const Link& link : links_) {
      if (link.source->config.id == status.source && link.source->config.tenant == status.tenant)
        status.address = fmt::format("udp:{}", link.session->port());
    }
  }
  json::Value Ports() const override {
    json::Value ports;
    for (const Link& link : links_) ports.Set(link.source->config.id, static_cast<int>(link.session->port()));
    return ports;
  }

 private:
  struct Link {
    std::shared_ptr<ingest::Source> source;
    std::shared_ptr<Session> session;
  };

  /// The gate reads the bytes with the format's decoder and keeps them when it cannot. A sender that can wait is
  /// answered in the callback: taken when `!outcome.again`, come again otherwise. This one cannot, so what finds the
  /// house full is lost.
  void Take(const std::shared_ptr<ingest::Source>& source, std::string bytes) {
    ingest::Delivery delivery;
    delivery.format = "@NAME@";
    delivery.rows.push_back({std::move(bytes), std::nullopt});
    deps().gate.Submit(source, std::move(delivery), [this, source](const ingest::Outcome& outcome) {
      if (outcome.again) deps().gate.Drop(source, *outcome.again);
    });
  }

  std::vector<Link> links_;
};

}  // namespace

std::unique_ptr<ingest::Connector> Make() { return std::make_unique<Connector>(); }

}  // namespace bongsu::@NAME@
