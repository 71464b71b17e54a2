// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/safety_net/connector.hpp"

#include "sense/connectors/safety_net/codec.hpp"
#include "sense/connectors/safety_net/session_key.hpp"

namespace bongsu::safety_net {

std::shared_ptr<ingest::Source> Connector::Find(const std::string& id) const {
  for (const auto& source : gate_.sources()) {
    if (source->config.kind == "safety_net" && source->config.id == id) return source;
  }
  return nullptr;
}

http::Response Connector::Refuse(const std::shared_ptr<ingest::Source>& source, int status, std::string_view reason, std::string_view why) {
  if (source) gate_.Report(source, {Code::kUnauthenticated, std::string(reason), std::string(why)});
  log_.Warn("safety_net.refused", {{"source", source ? source->config.id : ""}, {"reason", reason}});
  return http::JsonResponse(status, EncodeAnswer(false, why));
}

http::Response Connector::SignIn(const std::string& id, const http::Request& request) {
  const auto source = Find(id);
  if (!source) return Refuse(nullptr, 404, "safety_net.unknown_link", "no such link");
  const auto key = DecodeAuth(request.body);
  if (!key) return Refuse(source, 400, key.error().reason, key.error().message);
  const std::string& wanted = source->config.api_key.Reveal();
  if (!SameSecret(*key, wanted)) return Refuse(source, 401, "safety_net.bad_key", "the apiKey is not valid");
  gate_.Touch(source);
  return http::JsonResponse(200, EncodeAnswer(true, MakeSessionKey(wanted, id, clock_.Now())));
}

void Connector::Receive(const std::string& id, http::Request request, http::Respond respond) {
  const auto source = Find(id);
  if (!source) return respond(Refuse(nullptr, 404, "safety_net.unknown_link", "no such link"));
  if (!CheckSessionKey(request.Header("X-Scsns-Secret"), source->config.api_key.Reveal(), id, clock_.Now())) {
    return respond(Refuse(source, 401, "safety_net.bad_session", "the session key is not valid, sign in again"));
  }
  if (request.body.size() > ingest::kMaxMessageBytes) return respond(Refuse(source, 413, "ingest.too_large", "the message is too large"));
  auto document = DecodeEvent(request.body);
  const std::string& send_cd = source->config.send_cd;
  if (document && !send_cd.empty() && (*document)["sendCd"].AsString() != send_cd) {
    return respond(Refuse(source, 403, "safety_net.wrong_sender", "sendCd is not the one of this link"));
  }
  ingest::Delivery delivery;
  delivery.format = "safety-net";
  ingest::Row row{std::move(request.body), std::nullopt};
  if (document) row.document = *std::move(document);
  delivery.rows.push_back(std::move(row));
  gate_.Submit(source, std::move(delivery), [respond = std::move(respond)](const ingest::Outcome& outcome) {
    if (outcome.again) return respond(http::JsonResponse(HttpStatus(outcome.again->code), EncodeAnswer(false, outcome.again->message)));
    if (outcome.refused > 0) return respond(http::JsonResponse(400, EncodeAnswer(false, outcome.errors.empty() ? "refused" : outcome.errors[0].message)));
    // Held for a person: the peer did its part, sending it again would change nothing.
    respond(http::JsonResponse(200, EncodeAnswer(true, outcome.quarantined > 0 ? "HELD" : outcome.duplicate > 0 ? "DUPLICATE" : "OK")));
  });
}

void Connector::Describe(std::vector<ingest::ConnectorStatus>& statuses) const {
  for (ingest::ConnectorStatus& status : statuses) {
    if (status.kind == "safety_net") status.address = fmt::format("/link/{}", status.source);
  }
}

}  // namespace bongsu::safety_net
