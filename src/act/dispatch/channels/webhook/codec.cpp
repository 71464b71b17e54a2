// SPDX-License-Identifier: Apache-2.0
#include "act/dispatch/channels/webhook/codec.hpp"

namespace bongsu::dispatch::webhook {

runtime::HttpCall Encode(const Delivery& delivery) {
  json::Value body = json::Object{{"id", delivery.id},
                                  {"kind", delivery.kind},
                                  {"peer", delivery.peer.id},
                                  {"text", model::ToJson(delivery.text)},
                                  {"at", FormatUtc(delivery.at)}};
  if (!delivery.incident.empty()) {
    json::Value incident = json::Object{{"id", delivery.incident}};
    for (const auto& [name, value] : delivery.context.AsObject()) incident.Set(name, value);
    body.Set("incident", std::move(incident));
  }
  runtime::HttpCall call;
  call.url = delivery.peer.url;
  call.headers = {{"Idempotency-Key", delivery.id}};
  call.body = json::ToString(body);
  return call;
}

Outcome OutcomeOf(const Result<http::Response>& answer) {
  using enum Outcome::What;
  // Whether a lost answer means a lost notice nobody knows; the receiver drops a repeat by its id.
  if (!answer) return {kUnknown, answer.error().message};
  const int status = answer->status;
  if (status >= 200 && status < 300) return {kDelivered, {}};
  const bool later = status >= 500 || status == 408 || status == 425 || status == 429;
  return {later ? kNotSent : kRefused, fmt::format("the receiver answered HTTP {}", status)};
}

}  // namespace bongsu::dispatch::webhook
