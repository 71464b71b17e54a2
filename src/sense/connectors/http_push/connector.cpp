// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/http_push/connector.hpp"

namespace bongsu::http_push {
namespace {

/// 200 with the counts; 429, 503 or 507 when the house could not take everything: send the same again, repeats are
/// dropped.
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

class Connector final : public ingest::Connector {
 public:
  std::string_view kind() const override { return "http"; }
  void Describe(ingest::ConnectorStatus& status) const override {
    status.address = fmt::format("/api/v1/ingest/{}", status.source);
  }
  std::vector<ingest::Door> Doors() override {
    return {{"POST", "/api/v1/ingest/{source}", guard::Permission::kIngest,
             [this](ingest::Door::Call call, http::Respond respond) { Receive(std::move(call), std::move(respond)); }}};
  }

 private:
  /// Takes one message or a batch; answers once after the disk.
  void Receive(ingest::Door::Call call, http::Respond respond) {
    const auto source = deps().gate.Find(call.tenant, call.source);
    if (!source || source->config.kind != kind()) {
      return respond(http::ProblemResponse({Code::kNotFound, "ingest.unknown_source",
                                            fmt::format("there is no source '{}' of kind http here", call.source)}));
    }
    const std::string content_type{call.request.Header("Content-Type")};
    auto rows = ingest::SplitBody(content_type, std::move(call.request.body));
    if (!rows) {
      deps().gate.Report(source, rows.error());
      return respond(http::ProblemResponse(rows.error()));
    }
    ingest::Delivery delivery;
    delivery.rows = *std::move(rows);
    delivery.format = content_type;
    deps().gate.Submit(source, std::move(delivery),
                       [respond = std::move(respond)](const ingest::Outcome& outcome) { respond(AnswerOf(outcome)); });
  }
};

}  // namespace

std::unique_ptr<ingest::Connector> Make() { return std::make_unique<Connector>(); }

}  // namespace bongsu::http_push
