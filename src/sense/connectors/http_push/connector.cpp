// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/http_push/connector.hpp"

namespace bongsu::http_push {

http::Response AnswerOf(const ingest::Outcome& outcome) {
  if (!outcome.again) return http::JsonResponse(200, ToJson(outcome));
  http::Response response = http::ProblemResponse(*outcome.again);
  if (auto problem = json::Parse(response.body)) {
    problem->Set("result", ToJson(outcome));
    response.body = json::ToString(*problem);
  }
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

void Connector::Receive(std::string_view tenant, std::string_view id, http::Request request, http::Respond respond) {
  const auto source = gate_.Find(tenant, id);
  if (!source || source->config.kind != "http") {
    return respond(http::ProblemResponse({Code::kNotFound, "ingest.unknown_source", fmt::format("there is no source '{}' of kind http here", id)}));
  }
  const std::string content_type{request.Header("Content-Type")};
  auto rows = ingest::SplitBody(content_type, std::move(request.body));
  if (!rows) {
    gate_.Report(source, rows.error());
    return respond(http::ProblemResponse(rows.error()));
  }
  ingest::Delivery delivery;
  delivery.rows = *std::move(rows);
  delivery.format = content_type;
  gate_.Submit(source, std::move(delivery), [respond = std::move(respond)](const ingest::Outcome& outcome) { respond(AnswerOf(outcome)); });
}

void Connector::Describe(std::vector<ingest::ConnectorStatus>& statuses) const {
  for (ingest::ConnectorStatus& status : statuses) {
    if (status.kind == "http") status.address = fmt::format("/api/v1/ingest/{}", status.source);
  }
}

}  // namespace bongsu::http_push
