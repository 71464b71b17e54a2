// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/safety_net/connector.hpp"

#include <map>

#include "sense/connectors/safety_net/codec.hpp"
#include "sense/connectors/safety_net/config.hpp"
#include "sense/connectors/safety_net/session_key.hpp"

namespace bongsu::safety_net {
namespace {

class Connector final : public ingest::Connector {
 public:
  std::string_view kind() const override { return "safety_net"; }
  ingest::Decoders Formats() const override {
    return {{"safety-net", [](std::string_view bytes, TimePoint, const ingest::Zone&) { return DecodeEvent(bytes); }}};
  }
  std::vector<config::FieldDoc> SourceArguments() const override { return config::FieldsOf<SourceOptions>(); }
  Result<void> ReadSource(const yaml::Node& own, std::string_view file, ingest::SourceConfig& source) const override;
  Result<void> Start() override;  ///< @errors kInvalidArgument source.bad: a link's path does not name its tenant
  void Describe(ingest::ConnectorStatus& status) const override {
    status.address = fmt::format("/link/{}", status.source);
  }
  std::vector<ingest::Door> Doors() override;

 private:
  std::shared_ptr<ingest::Source> Find(const std::string& source) const;
  http::Response Refuse(const std::shared_ptr<ingest::Source>& source, int status, std::string_view reason,
                        std::string_view why);
  http::Response SignIn(const std::string& source, const http::Request& request);
  void Receive(const std::string& source, http::Request request, http::Respond respond);

  std::map<std::string, std::shared_ptr<ingest::Source>, std::less<>> links_;
};

Result<void> Connector::ReadSource(const yaml::Node& own, std::string_view file, ingest::SourceConfig& source) const {
  BONGSU_CHECK(ingest::TakeOptions<SourceOptions>(own, file, source));
  if (ingest::OptionsOf<SourceOptions>(source).api_key.IsEmpty())
    return ingest::BadSource(source, "a safety_net source wants an api_key");
  return {};
}

Result<void> Connector::Start() {
  for (const auto& source : Sources()) {
    if (!links_.emplace(source->config.id, source).second)
      return ingest::BadSource(source->config, "another tenant has a link of this id");
  }
  return {};
}

std::vector<ingest::Door> Connector::Doors() {
  // Peers sign in by their own protocol: no principal of ours.
  const auto none = guard::Permission::kNone;
  return {
      {"POST", "/link/{source}/api/getAuth.json", none,
       [this](const ingest::Door::Call& call, const http::Respond& respond) {
         respond(SignIn(call.source, call.request));
       }},
      {"POST", "/link/{source}/linkHttp/recvEvent.json", none, [this](ingest::Door::Call call, http::Respond respond) {
         Receive(call.source, std::move(call.request), std::move(respond));
       }}};
}

std::shared_ptr<ingest::Source> Connector::Find(const std::string& id) const {
  const auto found = links_.find(id);
  return found == links_.end() ? nullptr : found->second;
}

http::Response Connector::Refuse(const std::shared_ptr<ingest::Source>& source, int status, std::string_view reason,
                                 std::string_view why) {
  if (source) deps().gate.Report(source, {Code::kUnauthenticated, std::string(reason), std::string(why)});
  deps().log.Warn("safety_net.refused", {{"source", source ? source->config.id : ""}, {"reason", reason}});
  return http::JsonResponse(status, EncodeAnswer(false, why));
}

http::Response Connector::SignIn(const std::string& id, const http::Request& request) {
  const auto source = Find(id);
  if (!source) return Refuse(nullptr, 404, "safety_net.unknown_link", "no such link");
  const auto key = DecodeAuth(request.body);
  if (!key) return Refuse(source, 400, key.error().reason, key.error().message);
  const std::string& wanted = ingest::OptionsOf<SourceOptions>(source->config).api_key.Reveal();
  if (!SameSecret(*key, wanted)) return Refuse(source, 401, "safety_net.bad_key", "the apiKey is not valid");
  deps().gate.Touch(source);
  return http::JsonResponse(200, EncodeAnswer(true, MakeSessionKey(wanted, id, deps().clock.Now())));
}

void Connector::Receive(const std::string& id, http::Request request, http::Respond respond) {
  const auto source = Find(id);
  if (!source) return respond(Refuse(nullptr, 404, "safety_net.unknown_link", "no such link"));
  if (!CheckSessionKey(request.Header("X-Scsns-Secret"),
                       ingest::OptionsOf<SourceOptions>(source->config).api_key.Reveal(), id, deps().clock.Now())) {
    return respond(Refuse(source, 401, "safety_net.bad_session", "the session key is not valid, sign in again"));
  }
  if (request.body.size() > ingest::kMaxMessageBytes)
    return respond(Refuse(source, 413, "ingest.too_large", "the message is too large"));
  auto document = DecodeEvent(request.body);
  const std::string& send_cd = ingest::OptionsOf<SourceOptions>(source->config).send_cd;
  if (document && !send_cd.empty() && (*document)["sendCd"].AsString() != send_cd) {
    return respond(Refuse(source, 403, "safety_net.wrong_sender", "sendCd is not the one of this link"));
  }
  ingest::Delivery delivery;
  delivery.format = "safety-net";
  ingest::Row row{std::move(request.body), std::nullopt};
  if (document) row.document = *std::move(document);
  delivery.rows.push_back(std::move(row));
  deps().gate.Submit(source, std::move(delivery), [respond = std::move(respond)](const ingest::Outcome& outcome) {
    if (outcome.again)
      return respond(http::JsonResponse(HttpStatus(outcome.again->code), EncodeAnswer(false, outcome.again->message)));
    if (outcome.refused > 0)
      return respond(
          http::JsonResponse(400, EncodeAnswer(false, outcome.errors.empty() ? "refused" : outcome.errors[0].message)));
    // Held for a person: the peer did its part, sending it again would change nothing.
    respond(http::JsonResponse(200, EncodeAnswer(true, outcome.quarantined > 0 ? "HELD"
                                                       : outcome.duplicate > 0 ? "DUPLICATE"
                                                                               : "OK")));
  });
}

}  // namespace

std::unique_ptr<ingest::Connector> Make() { return std::make_unique<Connector>(); }

}  // namespace bongsu::safety_net
